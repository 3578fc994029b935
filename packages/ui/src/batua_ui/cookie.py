"""The one signed cookie, with a place each for the session of a person and of a member of staff.

A browser may be both at once; neither is the other. Whoever signs in or out changes their
own place, and takes along what is not a sign-in: form tokens, messages, half a registration.
"""

from typing import Literal

from flask import session

Place = Literal["_user_id", "_staff_id"]
PERSON: Place = "_user_id"  # where Flask-Login looks for it
STAFF: Place = "_staff_id"


def put(place: Place, token: str) -> None:
    """Let the browser carry ``token``, and nothing from before but the other place's."""
    drop(place)
    session[place] = token


def drop(place: Place) -> None:
    """Take everything back from the browser but the other place's token."""
    other = STAFF if place == PERSON else PERSON
    kept = session.get(other)
    session.clear()
    if kept:
        session[other] = kept


def token(place: Place) -> str:
    """The token in ``place``, or nothing; whether its session lives is another question."""
    return session.get(place, "")
