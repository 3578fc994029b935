"""The cookie by which a browser is known again. It outlives sessions, and opens nothing."""

import re
import secrets
from datetime import timedelta

from flask import current_app, request
from werkzeug.wrappers import Response

KEPT = timedelta(days=400)  # longer than browsers agree to
OURS = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def token() -> str:
    """What the browser of this request carries; nothing if it was never signed in with."""
    found = request.cookies.get(_name(), "")
    return found if OURS.fullmatch(found) else ""


def token_or_new() -> str:
    """The same, or 256 random bits for it to carry from now on."""
    return token() or secrets.token_urlsafe(32)


def keep(answer: Response, carried: str) -> Response:
    """Let the browser carry ``carried``, guarded as its session is."""
    answer.set_cookie(
        _name(),
        carried,
        max_age=KEPT,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return answer


def _name() -> str:
    """Beside the session's; under https it begins with ``__Host-``, so that none is planted."""
    return current_app.config["SESSION_COOKIE_NAME"] + "_device"
