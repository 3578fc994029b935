"""Staff sign in: counted and hashed as for people, in sessions of their own.

A known username and an unknown one do the same work and get the same answer.
"""

from sqlalchemy import select

from batua_db import credentials, guesses, sessions
from batua_db.database import db, transaction
from batua_db.errors import Refused
from batua_db.models.desk import Staff, StaffSession
from batua_db.models.wallet import Guess


def sign_in(*, username: str, password: str, agent: str, address: str, instead_of: str = "") -> str:
    """Check a password; returns the token of a new session. ``instead_of`` ends."""
    subject, place = f"staff:{username}", guesses.this_hour(f"address:{address}")
    with transaction():
        guesses.take(Guess, subject, guesses.PASSWORD)
        guesses.take(Guess, place, guesses.ADDRESS)
        found = db.session.execute(
            select(Staff.id, Staff.password_hash).where(Staff.username == username)
        ).one_or_none()
    # Without a connection: this is the slow part, and a flood of it must not take them all.
    with guesses.evaluated(Guess, subject, place):
        right = credentials.verify_password(found.password_hash if found else None, password)
    if not found or not right:
        raise Refused("The username and the password do not match. Check both, and try again.")
    with transaction():
        guesses.clear(Guess, subject)
        guesses.take_back(Guess, place)
        sessions.end(StaffSession, instead_of)
        return sessions.begin(StaffSession, found.id, agent=agent, address=address)


def find(token: str) -> Staff | None:
    """Who is signed in with ``token``; what they do keeps the session alive."""
    staff: Staff | None = sessions.owner_of(StaffSession, token) if token else None
    if staff:
        sessions.stay(StaffSession, staff)
    return staff


def sign_out(token: str) -> None:
    """End a session, for every copy of its cookie."""
    with transaction():
        sessions.end(StaffSession, token)
