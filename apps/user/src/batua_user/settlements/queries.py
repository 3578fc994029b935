"""What the pages of settlements read."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, tuple_

from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.payments import Merchant, Payout

A_PAGE = 30


@dataclass(frozen=True, slots=True)
class Page:
    """Some settlements, and the last of them if there are older ones."""

    settlements: Sequence[Payout]
    older: UUID | None


def find(merchant: Merchant, payout_id: UUID) -> Payout:
    """A settlement of this business; any other is not there."""
    ours = (Payout.id == payout_id, Payout.merchant_id == merchant.id)
    query = select(Payout).where(*ours).execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("There is no such settlement, or it is not yours.")
    return found


def settlements(merchant: Merchant, *, after: UUID | None = None, most: int = A_PAGE) -> Page:
    """What went to the bank, newest first; ``after`` is the last one seen."""
    query = (
        select(Payout)
        .where(Payout.merchant_id == merchant.id, Payout.state != "prepared")
        .order_by(Payout.created_at.desc(), Payout.id.desc())
        .limit(most + 1)
    )
    if after is not None:
        last = find(merchant, after)
        query = query.where(tuple_(Payout.created_at, Payout.id) < (last.created_at, last.id))
    found = db.session.scalars(query).all()
    return Page(found[:most], found[most - 1].id if len(found) > most else None)
