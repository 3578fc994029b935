"""What is turned away before any view sees it."""

from urllib.parse import urlsplit

from flask import Flask, current_app, request
from werkzeug.exceptions import BadRequest, Forbidden

from batua_config.current import settings

from .headers import own_app

SAFE = {"GET", "HEAD", "OPTIONS"}


class Repeated(BadRequest):
    """A name came twice; which of the two was meant is anyone's guess."""

    sentence = "Something was sent twice over. Go back, open the page again, and send it once."


class Unstorable(BadRequest):
    """A zero byte: nobody types one, and PostgreSQL keeps none."""

    sentence = "This can’t be read. Go back, open the page again, and type it anew."


class CrossOrigin(Forbidden):
    """A browser sent a form from a page that isn't ours."""

    sentence = (
        "Nothing was done: this was sent from another site. Open our own page, and do it there."
    )


def init_app(app: Flask) -> None:
    """Guard every request of ``app``."""
    app.before_request_funcs.setdefault(None, [])[:0] = [
        refuse_other_origins,
        refuse_repeats,
        refuse_zero_bytes,
    ]


def refuse_other_origins() -> None:
    """Take changes only from our own pages.

    Browsers say where a form comes from; programs, which have no cookies to borrow,
    need not.
    """
    if request.method in SAFE or request.endpoint in current_app.config.get("ORIGIN_EXEMPT", ()):
        return
    origin = request.headers.get("Origin")
    if origin is not None and not _is_ours(origin):
        raise CrossOrigin
    if request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
        raise CrossOrigin


def refuse_repeats() -> None:
    """Refuse a name that comes more than once in the query or the form."""
    for values in (request.args, request.form):
        if any(len(given) > 1 for _, given in values.lists()):
            raise Repeated


def refuse_zero_bytes() -> None:
    """Refuse what no table could keep, wherever a page would look it up; the API says it itself."""
    if request.path.startswith("/api/"):
        return
    for values in (request.args, request.form):
        if any("\0" in name + value for name, value in values.items()):
            raise Unstorable


def _is_ours(origin: str) -> bool:
    return origin == settings.public_url(own_app()) or urlsplit(origin).netloc == request.host
