"""What every call may be answered besides what it asked for, as the description tells it."""

from http import HTTPStatus
from typing import Any, Final

REQUEST_ID = {
    "description": "Names the call in our logs: say it when you ask us about one.",
    "schema": {"type": "string"},
}
REPLAY = {
    "description": "There, and true, where this is the first answer given again.",
    "schema": {"type": "string", "enum": ["true"]},
}
RETRY_AFTER = {
    "description": "Seconds to wait before the next try.",
    "schema": {"type": "integer", "minimum": 0},
}
BEARER = {
    "description": "How calls are signed.",
    "schema": {"type": "string", "enum": ["Bearer"]},
}

Refusal = tuple[str, str, str, str | None]  # when, and an example: code, message, field

ANY: Final = (400, 401, 429, 503)  # what any call may meet
WRITES: Final = (409, 413, 415, 422)  # and any that sends something

REFUSALS: dict[int, Refusal] = {
    400: (
        "The call can’t be read, or a write has no Idempotency-Key. Nothing is remembered.",
        "bad_request",
        "Send one JSON object, in UTF-8: no key twice, no NaN, and not too deep.",
        None,
    ),
    401: (
        "The token is missing, not fresh, or of another call; which of these is not said.",
        "unauthorized",
        "Sign the call: the token must be fresh, and cover exactly what was sent.",
        None,
    ),
    404: (
        "There is no such thing, or it is another client’s.",
        "not_found",
        "There is no such payment.",
        None,
    ),
    409: (
        "The key or what it names was used before, with other terms.",
        "idempotency_mismatch",
        "This key was used before, for another call or with another body.",
        None,
    ),
    413: ("The body is larger than 64 KiB.", "too_large", "Send less, and try again.", None),
    415: (
        "The body is not application/json.",
        "unsupported_media_type",
        "Send it in the form this address asks for.",
        None,
    ),
    422: (
        "A field is wrong, or a rule forbids it. Of a write it is remembered under its key.",
        "invalid_amount",
        "Give whole paise as a number, from 1 to 100000000000.",
        "amount",
    ),
    429: (
        "Too many calls. Wait for as long as Retry-After says; nothing is remembered.",
        "rate_limited",
        "Too many calls. Wait 12 seconds, then go on.",
        None,
    ),
    503: (
        "Something we need is away. Repeat the call with its key; nothing was done.",
        "unavailable",
        "Something we need does not answer right now. Nothing is lost. Try again in a few seconds.",
        None,
    ),
}


def describe(spec: Any) -> None:
    """Let the calls of ``spec`` refer to each refusal by the name of its status."""
    for status, refusal in REFUSALS.items():
        spec.components.response(HTTPStatus(status).name, _response(status, refusal), lazy=True)


def refusals(*statuses: int) -> dict[int, str]:
    """The refusals with these statuses, by the names that ``describe`` gave them."""
    return {status: HTTPStatus(status).name for status in sorted(statuses)}


def _response(status: int, refusal: Refusal) -> dict[str, Any]:
    when, code, message, field = refusal
    headers = {"X-Request-ID": REQUEST_ID}
    if status in {429, 503}:
        headers["Retry-After"] = RETRY_AFTER
    if status == 401:
        headers["WWW-Authenticate"] = BEARER
    example = {"error": {"code": code, "message": message, "field": field}}
    content = {"schema": {"$ref": "#/components/schemas/Error"}, "example": example}
    return {"description": when, "headers": headers, "content": {"application/json": content}}
