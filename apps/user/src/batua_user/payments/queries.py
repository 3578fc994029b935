"""What the pages of paying a business read."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.payments import Merchant, Payment
from batua_db.models.wallet import User

MOST = 6
LATEST = 60  # payments that are looked through


def find_merchant(merchant_id: UUID) -> Merchant:
    """A business, whether it takes payments or not."""
    found = db.session.get(Merchant, merchant_id)
    if found is None:
        raise NotFound("There is no such shop. Scan its QR again, or ask them.")
    return found


def find(payer: User, merchant_id: UUID, payment_id: UUID) -> Payment:
    """A payment of this person to this business; anybody else's is not there."""
    mine = (Payment.id == payment_id, Payment.payer_id == payer.id)
    found = db.session.scalar(select(Payment).where(*mine))
    if found is None or found.merchant_id != merchant_id:
        raise NotFound("There is nothing to pay here, or it is not yours.")
    return found


def my_payment_of(payer: User, merchant_id: UUID, order_no: str) -> Payment | None:
    """What this person paid for an order, if it was them."""
    order = (Payment.merchant_id == merchant_id, Payment.order_no == order_no)
    mine = (Payment.payer_id == payer.id, Payment.transfer_id.is_not(None))
    return db.session.scalar(select(Payment).where(*order, *mine))


def paid_before(payer: User) -> Sequence[Merchant]:
    """The businesses that a person paid, the latest first."""
    latest = (
        select(Payment.merchant_id, Payment.paid_at)
        .where(Payment.payer_id == payer.id, Payment.paid_at.is_not(None))
        .order_by(Payment.created_at.desc())
        .limit(LATEST)
        .subquery()
    )
    paid = (
        select(latest.c.merchant_id, func.max(latest.c.paid_at).label("at"))
        .group_by(latest.c.merchant_id)
        .subquery()
    )
    query = select(Merchant).join(paid, paid.c.merchant_id == Merchant.id)
    return db.session.scalars(query.order_by(paid.c.at.desc()).limit(MOST)).all()


def shops(payer: User) -> Sequence[Merchant]:
    """Approved businesses that a person may try."""
    return _approved(Merchant.user_id != payer.id)


def search(payer: User, name: str) -> Sequence[Merchant]:
    """Approved businesses whose name has these words in it."""
    words = [Merchant.business_name.icontains(word, autoescape=True) for word in name.split()]
    return _approved(Merchant.user_id != payer.id, *words)


def _approved(*which: ColumnElement[bool]) -> Sequence[Merchant]:
    query = select(Merchant).where(Merchant.state == "approved", *which)
    return db.session.scalars(query.order_by(Merchant.business_name).limit(MOST)).all()
