"""Headers of every answer: what a browser may do with it, and the name of the request."""

import re
from contextlib import suppress
from time import perf_counter
from typing import Literal
from urllib.parse import urlsplit
from uuid import uuid4

import structlog
from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from batua_config import logs
from batua_config.current import settings

from . import assets

log = logs.get(__name__)

LARGEST_BODY = 64 * 1024
SANE_ID = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self' {other}"
)
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Server": "batua",  # else the server would add its own name, and some their version
}
QUIET = {"ui.static", "ui.healthz", "ui.readyz", "ui.metrics"}


def init_app(app: Flask) -> None:
    """Name every request of ``app``, and guard every answer."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    # First in and last out, whatever the app has registered before.
    app.before_request_funcs.setdefault(None, []).insert(0, name_request)
    app.after_request_funcs.setdefault(None, []).insert(0, guard_answer)


def name_request() -> None:
    """Give the request an id, the caller's if it is a sane one, and log under it."""
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if SANE_ID.fullmatch(given) else uuid4().hex
    g.started = perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def guard_answer(response: Response) -> Response:
    """Set what every answer carries."""
    _read_to_the_end()
    response.headers.update(FIXED)
    response.headers["X-Request-ID"] = g.get("request_id", "")
    response.headers["Content-Security-Policy"] = POLICY.format(other=_other_origins())
    if _secure():
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint == "ui.static":
        assets.cache(response)
    else:
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    _log(response)
    return response


def let_forms_lead_to(url: str) -> None:
    """Let what a form of this answer is answered with lead on to ``url``, at another's.

    Browsers hold redirects to the same list of addresses as the forms they come from.
    """
    parts = urlsplit(url)
    g.forms_lead_to = f"{parts.scheme}://{parts.netloc}"


def own_app() -> Literal["user", "bank"]:
    """Which of the two apps this is, as settings name it."""
    return "bank" if current_app.extensions["ui_brand"] == "bank" else "user"


def _read_to_the_end() -> None:
    """Take what was sent, even if nobody asked for it.

    A server that has answered while something is left to be read closes the connection, and what
    a proxy sends on it at that moment is lost.
    """
    with suppress(HTTPException):  # too much of it, or the caller is gone
        request.get_data(cache=False)


def _other_origins() -> str:
    """Where a form's answer may lead besides home: to the bank to pay, and back."""
    other = settings.public_url("user" if own_app() == "bank" else "bank")
    return " ".join(dict.fromkeys([other, g.get("forms_lead_to", other)]))


def _secure() -> bool:
    return request.is_secure or settings.cookie_secure(own_app())


def _log(response: Response) -> None:
    if request.endpoint in QUIET:
        return
    log.info(
        "request",
        method=request.method,
        endpoint=request.endpoint,  # never the path: it may carry a payment link
        status=response.status_code,
        ms=round((perf_counter() - g.get("started", perf_counter())) * 1000),
    )
