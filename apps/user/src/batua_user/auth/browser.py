"""What a browser keeps of us: one signed cookie, with the token of its session in it."""

from dataclasses import dataclass
from uuid import UUID

from flask import request, session

from batua_ui import cookie
from batua_user.devices import cookie as device_cookie
from batua_user.extensions import current_user

REGISTRATION = "registration"


@dataclass(frozen=True, slots=True)
class Device:
    """Where a request comes from."""

    agent: str
    address: str
    token: str


def device() -> Device:
    """The browser of this request."""
    address = request.remote_addr or "unknown"
    return Device(request.user_agent.string, address, device_cookie.token_or_new())


def remember(token: str) -> None:
    """Let the browser carry ``token``, and nothing from before: not even the form token."""
    cookie.put(cookie.PERSON, token)


def forget() -> None:
    """Take everything back from the browser."""
    cookie.drop(cookie.PERSON)


def token() -> str:
    """The token of the session that is signed in, or nothing."""
    return current_user.session_token if current_user.is_authenticated else ""


def remember_registration(registration_id: UUID) -> None:
    """Let the browser carry who is about to prove their phone."""
    session[REGISTRATION] = str(registration_id)


def registration_id() -> UUID | None:
    """Who is about to prove their phone."""
    found = session.get(REGISTRATION)
    return UUID(found) if found else None
