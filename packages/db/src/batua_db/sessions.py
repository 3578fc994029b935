"""Signed-in sessions: rows that a person, a new password or an operator can end at once.

A cookie alone stays valid after signing out, whoever kept a copy of it. Here the cookie
carries a token, the row its SHA-256, and signing out deletes the row.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import delete, func, insert, select

from .database import db
from .models.shared import SessionMixin

LIFE = timedelta(hours=12)
S = TypeVar("S", bound=SessionMixin)


def begin(model: type[SessionMixin], owner_id: UUID, *, agent: str, address: str) -> str:
    """Store a session of ``owner_id`` and return its token, 256 random bits. The caller commits."""
    token = secrets.token_urlsafe(32)
    db.session.execute(
        insert(model).values(
            token_hash=hash_token(token),
            owner_id=owner_id,
            agent=agent[:200],
            address=address[:64],
            expires_at=func.now() + LIFE,
        )
    )
    return token


def find(model: type[S], token: str) -> S | None:
    """Return the session of ``token`` while it lives."""
    alive = model.expires_at > func.now()
    return db.session.scalar(select(model).where(model.token_hash == hash_token(token), alive))


def owner_of(model: type[SessionMixin], token: str) -> Any:
    """Return who is signed in with ``token``, found with their session in one query."""
    session: Any = find(model, token)
    if session is None:
        return None
    session.owner.session_token = token
    return session.owner


def end(model: type[SessionMixin], token: str) -> None:
    """End the session of ``token``, for every copy of its cookie. The caller commits."""
    db.session.execute(delete(model).where(model.token_hash == hash_token(token)))


def end_others(model: type[SessionMixin], owner_id: UUID, *, keep: str = "") -> None:
    """End the sessions of ``owner_id`` but the one of token ``keep``. The caller commits."""
    others = model.token_hash != hash_token(keep)
    db.session.execute(delete(model).where(model.owner_id == owner_id, others))


def hash_token(token: str) -> bytes:
    """SHA-256: a token of 256 random bits needs no slow hash."""
    return hashlib.sha256(token.encode()).digest()
