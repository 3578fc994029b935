"""Reads of the banks that a person has linked."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.links import BankLink
from batua_db.models.wallet import User


def linked(user: User) -> Sequence[BankLink]:
    """The banks that money can be added from without going there, the latest first."""
    works = (BankLink.state == "active", BankLink.expires_at > func.now())
    mine = select(BankLink).where(BankLink.user_id == user.id, *works)
    return db.session.scalars(mine.order_by(BankLink.created_at.desc())).all()


def find(user: User, link_id: UUID) -> BankLink:
    """A link of this person, whatever became of it; anybody else's is not there."""
    mine = select(BankLink).where(BankLink.id == link_id, BankLink.user_id == user.id)
    found = db.session.scalar(mine)
    if found is None:
        raise NotFound("There is no such bank, or it is not yours to see.")
    return found
