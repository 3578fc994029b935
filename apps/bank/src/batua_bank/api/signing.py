"""Who calls: the service token covers the client, the time and all of the call."""

from flask import Request, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, Unauthorized, UnsupportedMediaType

from batua_bank.clients import registry
from batua_config import service_token

from .limits import throttle

SAFE = {"GET", "HEAD", "OPTIONS"}
LONGEST_KEY = 200
QUESTIONS = {"api.check_account"}  # posted, so that no log has what they ask; they change nothing


class Unsigned(Unauthorized):
    """No token, or not one for this call, now; which of these helps only a forger."""

    sentence = "Sign the call: the token must be fresh, and cover exactly what was sent."

    def __init__(self) -> None:
        super().__init__(www_authenticate=WWWAuthenticate("bearer"))


class NoKey(BadRequest):
    """A write without the key that makes it safe to repeat."""

    sentence = "Send an Idempotency-Key of 1 to 200 visible characters with every write."


def check_call() -> None:
    """Let only known clients through, and only with writes that can be repeated."""
    if request.method not in SAFE and request.mimetype != "application/json":
        raise UnsupportedMediaType
    g.client = _client(request)
    throttle.count(g.client)
    writes = request.method not in SAFE and request.endpoint not in QUESTIONS
    if writes and not _is_key(request.headers.get("Idempotency-Key", "")):
        raise NoKey


def _client(call: Request) -> str:
    scheme, _, token = call.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unsigned
    try:
        claimed = service_token.claimed_client(token.strip())
        return service_token.verify(
            registry.secrets_of(claimed),
            token.strip(),
            method=call.method,
            path_and_query=_as_sent(call),
            body=call.get_data(),
            key=call.headers.get("Idempotency-Key", ""),
        )
    except service_token.BadToken:
        raise Unsigned from None


def _as_sent(call: Request) -> str:
    """The path and query of a call; our paths need no escapes, and the query is kept raw."""
    query = call.query_string.decode("latin-1")
    return f"{call.root_path}{call.path}" + (f"?{query}" if query else "")


def _is_key(key: str) -> bool:
    return 1 <= len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()
