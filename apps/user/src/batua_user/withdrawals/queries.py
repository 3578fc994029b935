"""What the pages of withdrawals read."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.payments import Payout
from batua_db.models.wallet import User


def find(user: User, payout_id: UUID) -> Payout:
    """A withdrawal of this person; anybody else's is not there."""
    mine = (Payout.id == payout_id, Payout.user_id == user.id, Payout.merchant_id.is_(None))
    query = select(Payout).where(*mine).execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("There is no such withdrawal, or it is not yours.")
    return found


def on_the_way(user: User) -> Sequence[Payout]:
    """What a person's bank has yet to get, the latest first."""
    mine = (
        Payout.user_id == user.id,
        Payout.merchant_id.is_(None),
        Payout.state == "in_flight",
    )
    return db.session.scalars(select(Payout).where(*mine).order_by(Payout.created_at.desc())).all()
