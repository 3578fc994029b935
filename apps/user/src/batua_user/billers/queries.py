"""What the pages about bills read."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.ledger import Entry
from batua_db.models.payments import Biller, BillPayment
from batua_db.models.wallet import User
from batua_db.money import Money

from .catalogue import CATEGORIES, LISTINGS, Category, Listing

LATEST = 5


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category, and who is in it."""

    category: Category
    billers: Sequence[Listing]


def shelves() -> Sequence[Shelf]:
    """The categories in which somebody can be paid."""
    there = set(db.session.scalars(select(Biller.code)))
    known = [listing for listing in LISTINGS.values() if listing.code in there]
    found = [
        Shelf(category, [each for each in known if each.category is category])
        for category in CATEGORIES
    ]
    return [shelf for shelf in found if shelf.billers]


def find_biller(code: str) -> Listing:
    """A biller that can be paid."""
    listing = LISTINGS.get(code)
    if listing is None or db.session.get(Biller, code) is None:
        raise NotFound("There is no such biller. Choose one from the list.")
    return listing


def find(payer: User, code: str, payment_id: UUID) -> BillPayment:
    """A payment of this person; anybody else's is not there."""
    mine = (BillPayment.id == payment_id, BillPayment.payer_id == payer.id)
    found = db.session.scalar(select(BillPayment).where(*mine))
    if found is None or found.biller_code != code:
        raise NotFound("There is no such payment, or it is not yours to see.")
    return found


def latest(payer: User) -> Sequence[BillPayment]:
    """What a person paid, the latest first."""
    mine = (BillPayment.payer_id == payer.id, BillPayment.state != "prepared")
    newest = select(BillPayment).where(*mine).order_by(BillPayment.created_at.desc())
    return db.session.scalars(newest.limit(LATEST)).all()


def reference_of(payer: User, code: str, payment_id: UUID) -> str | None:
    """The customer's number of an earlier payment, to pay for it again."""
    return db.session.scalar(
        select(BillPayment.reference).where(
            BillPayment.id == payment_id,
            BillPayment.payer_id == payer.id,
            BillPayment.biller_code == code,
        )
    )


def balance_after(payer: User, payment: BillPayment) -> Money | None:
    """What the payer had after the last movement of this payment."""
    last = payment.refund_id or payment.transfer_id
    mine = (Entry.account_id == payer.account_id, Entry.transfer_id == last)
    return db.session.scalar(select(Entry.balance).where(*mine))
