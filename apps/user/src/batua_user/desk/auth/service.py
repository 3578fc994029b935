"""Staff sign in: counted and hashed as for people, but for sessions that end sooner.

A known username and an unknown one do the same work and get the same answer.
"""

from datetime import timedelta

from sqlalchemy import func, select, update

from batua_db import credentials, guesses, sessions
from batua_db.database import db, transaction
from batua_db.errors import Refused
from batua_db.models.desk import Staff, StaffSession
from batua_db.models.wallet import Guess

IDLE, ABSOLUTE = timedelta(minutes=15), timedelta(hours=12)
NOTICED = timedelta(minutes=1)  # so seldom is it written that somebody is still there


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
        token = sessions.begin(StaffSession, found.id, agent=agent, address=address)
        _stay(token)
        return token


def find(token: str) -> Staff | None:
    """Who is signed in with ``token``; their time begins anew, up to a day's work."""
    if not token:
        return None
    with transaction():
        _stay(token)
    return sessions.owner_of(StaffSession, token)


def sign_out(token: str) -> None:
    """End a session, for every copy of its cookie."""
    with transaction():
        sessions.end(StaffSession, token)


def _stay(token: str) -> None:
    """Let a session that lives end a quarter of an hour from now."""
    now = func.clock_timestamp()
    until = func.least(now + IDLE, StaffSession.created_at + ABSOLUTE)
    mine = StaffSession.token_hash == sessions.hash_token(token)
    stale = ~StaffSession.expires_at.between(until - NOTICED, until)
    db.session.execute(
        update(StaffSession)
        .where(mine, StaffSession.expires_at > now, stale)
        .values(expires_at=until)
        .execution_options(synchronize_session=False)
    )
