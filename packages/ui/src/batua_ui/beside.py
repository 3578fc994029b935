"""Cookies beside the session's, named after it and guarded as it is."""

from datetime import timedelta

from flask import current_app
from werkzeug.wrappers import Response


def name(suffix: str) -> str:
    """Its name; under https it begins with ``__Host-``, so that none is planted."""
    return f"{current_app.config['SESSION_COOKIE_NAME']}_{suffix}"


def keep(answer: Response, suffix: str, carried: str, *, max_age: timedelta | int) -> None:
    """Let the browser carry ``carried`` for ``max_age``, in seconds if it is a number."""
    answer.set_cookie(
        name(suffix),
        carried,
        max_age=max_age,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
