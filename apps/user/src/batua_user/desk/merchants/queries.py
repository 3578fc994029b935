"""What the desk reads of businesses."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from batua_db import ledger
from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.payments import Merchant
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_ui.desk.queue import Queue

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Business:
    """A business, and whose it is."""

    merchant: Merchant
    user: User


def queue() -> Queue:
    """How many wait."""
    waiting = select(func.count(), func.min(Merchant.created_at))
    count, oldest = db.session.execute(waiting.where(Merchant.state == "waiting")).one()
    return Queue("Businesses to decide", "desk.merchants.queue", "hand-coins", count, oldest)


def waiting() -> Sequence[Business]:
    """Who has waited longest, first."""
    rows = db.session.execute(
        select(Merchant, User)
        .join(User, User.id == Merchant.user_id)
        .where(Merchant.state == "waiting")
        .order_by(Merchant.created_at)
        .limit(A_PAGE)
    )
    return [Business(*row) for row in rows]


def find(merchant_id: UUID) -> Business:
    """One business."""
    row = db.session.execute(
        select(Merchant, User)
        .join(User, User.id == Merchant.user_id)
        .where(Merchant.id == merchant_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such business.")
    return Business(*row)


def balance(business: Business) -> Money:
    """What it has, with what waits on its account."""
    return ledger.balance(business.merchant.account_id)
