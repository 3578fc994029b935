"""Signed-in sessions: rows that a person, a new password or an operator can end at once.

A cookie alone stays valid after signing out, whoever kept a copy of it. Here the cookie
carries a token, the row its SHA-256, and signing out deletes the row. A session ends by
itself once nobody has done anything for ``IDLE``, and after ``LIFE`` in any case.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from .database import db, transaction
from .models.shared import SessionMixin, SignedInMixin

LIFE = timedelta(hours=12)
IDLE = timedelta(minutes=15)
NOTED = timedelta(minutes=1)  # how often, at most, being there is written down
S = TypeVar("S", bound=SessionMixin)


class Alive(NamedTuple):
    """A session that lives. ``name`` names it to its owner: the hash of its token opens nothing."""

    name: str
    agent: str
    address: str
    since: datetime
    here: bool


def begin(model: type[SessionMixin], owner_id: UUID, *, agent: str, address: str) -> str:
    """Store a session of ``owner_id`` and return its token, 256 random bits. The caller commits."""
    token = secrets.token_urlsafe(32)
    db.session.execute(
        insert(model).values(
            token_hash=hash_token(token),
            owner_id=owner_id,
            agent=agent[:200],
            address=address[:64],
            expires_at=func.now() + IDLE,
        )
    )
    return token


def find(model: type[S], token: str) -> S | None:
    """Return the session of ``token`` while it lives."""
    return db.session.scalar(select(model).where(_alive(model, token)))


def owner_of(model: type[SessionMixin], token: str) -> Any:
    """Return who is signed in with ``token``, found with their session in one query."""
    stale = model.expires_at < _longest(model) - NOTED
    found: Any = db.session.execute(select(model, stale).where(_alive(model, token))).one_or_none()
    if found is None:
        return None
    owner = found[0].owner
    owner.session_token, owner.session_stale = token, found[1]
    return owner


def stay(model: type[SessionMixin], owner: SignedInMixin) -> None:
    """``owner`` does something, so their session lives on; mostly there is nothing to write.

    Commits: call it before anything else is done. Not for what a page asks by itself.
    """
    if not owner.session_stale:
        return
    with transaction():
        db.session.execute(
            update(model)
            .where(model.token_hash == hash_token(owner.session_token))
            .values(expires_at=_longest(model))
            .execution_options(synchronize_session=False)
        )


def end(model: type[SessionMixin], token: str) -> None:
    """End the session of ``token``, for every copy of its cookie. The caller commits."""
    db.session.execute(delete(model).where(model.token_hash == hash_token(token)))


def end_others(model: type[SessionMixin], owner_id: UUID, *, keep: str = "") -> None:
    """End the sessions of ``owner_id`` but the one of token ``keep``. The caller commits."""
    others = model.token_hash != hash_token(keep)
    db.session.execute(delete(model).where(model.owner_id == owner_id, others))


def listed(model: type[SessionMixin], owner_id: UUID, *, here: str, most: int = 20) -> list[Alive]:
    """The sessions of ``owner_id`` that live, the one of token ``here`` first, then the latest."""
    mine = select(model.token_hash, model.agent, model.address, model.created_at).where(
        model.owner_id == owner_id, model.expires_at > func.now()
    )
    this = hash_token(here)
    rows = db.session.execute(mine.order_by(model.created_at.desc()).limit(most))
    found = [
        Alive(row.token_hash.hex(), row.agent, row.address, row.created_at, row.token_hash == this)
        for row in rows
    ]
    return sorted(found, key=lambda each: not each.here)


def end_one(model: type[SessionMixin], owner_id: UUID, name: str) -> bool:
    """End the session of ``owner_id`` that ``listed`` names so; says whether it lived.

    The caller commits.
    """
    one = model.token_hash == func.decode(name, "hex")
    ended = delete(model).where(model.owner_id == owner_id, one).returning(model.token_hash)
    return db.session.scalar(ended) is not None


def hash_token(token: str) -> bytes:
    """SHA-256: a token of 256 random bits needs no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def _alive(model: type[SessionMixin], token: str) -> ColumnElement[bool]:
    return (model.token_hash == hash_token(token)) & (model.expires_at > func.now())


def _longest(model: type[SessionMixin]) -> Any:
    """Until when a session may live, if its owner does something now."""
    return func.least(func.now() + IDLE, model.created_at + LIFE)
