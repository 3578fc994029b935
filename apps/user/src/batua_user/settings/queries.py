"""What settings show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from batua_db import sessions
from batua_db.database import db
from batua_db.models.wallet import Session

# The first that fits: most name others besides themselves.
BROWSERS = (
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser that is signed in."""

    browser: str
    phone: bool
    since: datetime
    here: bool


def signed_in(user_id: UUID, token: str) -> Sequence[SignedIn]:
    """The browsers of a person, this one first."""
    rows = db.session.execute(
        select(Session.agent, Session.created_at, Session.token_hash)
        .where(Session.owner_id == user_id, Session.expires_at > func.now())
        .order_by(Session.created_at.desc())
        .limit(20)
    )
    this = sessions.hash_token(token)
    found = [
        SignedIn(name_of(row.agent), "Mobi" in row.agent, row.created_at, row.token_hash == this)
        for row in rows
    ]
    return sorted(found, key=lambda each: not each.here)


def name_of(agent: str) -> str:
    """A browser in words people know, from what it says of itself."""
    browser = next((name for sign, name in BROWSERS if sign in agent), "A browser")
    system = next((name for sign, name in SYSTEMS if sign in agent), None)
    return f"{browser} on {system}" if system else browser
