"""The cookie by which a browser is known again. It outlives sessions, and opens nothing."""

import re
import secrets
from datetime import timedelta

from flask import request
from werkzeug.wrappers import Response

from batua_ui import beside

NAME = "device"
KEPT = timedelta(days=400)  # longer than browsers agree to
OURS = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def token() -> str:
    """What the browser of this request carries; nothing if it was never signed in with."""
    found = request.cookies.get(beside.name(NAME), "")
    return found if OURS.fullmatch(found) else ""


def token_or_new() -> str:
    """The same, or 256 random bits for it to carry from now on."""
    return token() or secrets.token_urlsafe(32)


def keep(answer: Response, carried: str) -> Response:
    """Let the browser carry ``carried``, guarded as its session is."""
    beside.keep(answer, NAME, carried, max_age=KEPT)
    return answer
