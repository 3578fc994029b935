"""What the pages about adding money read."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.wallet import Bank, Topup, User


def banks() -> Sequence[Bank]:
    """The banks that money can come from."""
    return db.session.scalars(select(Bank).where(Bank.ifsc_prefix != "").order_by(Bank.name)).all()


def find(user: User, topup_id: UUID) -> Topup:
    """A top-up of this person; anybody else's is not there."""
    found = db.session.scalar(select(Topup).where(Topup.id == topup_id, Topup.user_id == user.id))
    if found is None:
        raise NotFound("There is no such payment, or it is not yours to see.")
    return found


def on_the_way(user: User) -> Sequence[Topup]:
    """What a person waits for, the latest first."""
    waiting = Topup.state.in_(("pending", "captured"))
    return db.session.scalars(
        select(Topup).where(Topup.user_id == user.id, waiting).order_by(Topup.created_at.desc())
    ).all()


def last_bank(user: User) -> str | None:
    """The bank that a person chose last."""
    mine = select(Topup.bank_code).where(Topup.user_id == user.id)
    return db.session.scalar(mine.order_by(Topup.created_at.desc()).limit(1))
