"""What settings show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from batua_db import sessions
from batua_db.database import db
from batua_db.models.wallet import Session
from batua_ui.browsers import name_of


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
