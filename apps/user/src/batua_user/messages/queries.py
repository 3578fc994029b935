"""What the mailbox shows."""

from collections.abc import Sequence

from sqlalchemy import select

from batua_db.database import db
from batua_db.models.wallet import Message

MOST = 50


def sent(to: str | None) -> Sequence[Message]:
    """The latest messages, newest first; with ``to`` those to one number."""
    query = select(Message).order_by(Message.created_at.desc()).limit(MOST)
    return db.session.scalars(query.where(Message.to == to) if to else query).all()
