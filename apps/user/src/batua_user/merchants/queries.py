"""What the pages of a business read. Every query names its owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import joinedload

from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.ledger import Transfer
from batua_db.models.payments import Merchant, Payment, Refund
from batua_db.models.wallet import User

A_PAGE = 30


@dataclass(frozen=True, slots=True)
class Page:
    """Some payments, and the last of them if there are older ones."""

    payments: Sequence[Payment]
    older: UUID | None


def of(user: User) -> Merchant | None:
    """A person's business, if they have one."""
    return db.session.scalar(select(Merchant).where(Merchant.user_id == user.id))


def mine(user: User) -> Merchant:
    """A person's business; whoever has none is told so."""
    merchant = of(user)
    if merchant is None:
        raise NotFound("You have no business here. Start one first.")
    return merchant


def payments(merchant: Merchant, *, after: UUID | None = None, most: int = A_PAGE) -> Page:
    """What was paid, newest first; ``after`` is the last payment seen."""
    query = (
        select(Payment)
        .where(Payment.merchant_id == merchant.id, Payment.paid_at.is_not(None))
        .options(joinedload(Payment.payer, innerjoin=True))
        .order_by(Payment.paid_at.desc(), Payment.id.desc())
        .limit(most + 1)
    )
    if after is not None:
        last = find_payment(merchant, after)
        query = query.where(tuple_(Payment.paid_at, Payment.id) < (last.paid_at, last.id))
    found = db.session.scalars(query).all()
    return Page(found[:most], found[most - 1].id if len(found) > most else None)


def find_payment(merchant: Merchant, payment_id: UUID) -> Payment:
    """A payment to this business; any other is not there."""
    query = (
        select(Payment)
        .where(
            Payment.id == payment_id,
            Payment.merchant_id == merchant.id,
            Payment.paid_at.is_not(None),
        )
        .options(joinedload(Payment.payer, innerjoin=True))
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("There is no such payment, or it is not yours.")
    return found


def payment_of(merchant: Merchant, order_no: str) -> Payment | None:
    """The payment of an order, if it was paid."""
    paid = (Payment.merchant_id == merchant.id, Payment.order_no == order_no)
    query = select(Payment).where(*paid, Payment.paid_at.is_not(None))
    return db.session.scalar(query.options(joinedload(Payment.payer, innerjoin=True)))


def refunds(payment: Payment) -> Sequence[Refund]:
    """What was given back of a payment, oldest first."""
    query = select(Refund).where(Refund.payment_id == payment.id).order_by(Refund.created_at)
    return db.session.scalars(query).all()


def page_of(user: User, transfer_id: UUID) -> str | None:
    """Where a person sees a movement of their business; ``None`` if it is none of it."""
    found = db.session.execute(
        select(Transfer.kind, Transfer.key)
        .join(
            Merchant,
            or_(
                Merchant.account_id == Transfer.debit_account,
                Merchant.account_id == Transfer.credit_account,
            ),
        )
        .where(Transfer.id == transfer_id, Merchant.user_id == user.id)
    ).one_or_none()
    if found is None:
        return None
    id_ = UUID(found.key.split(":")[1])
    if found.kind == "payment_refund":
        id_ = db.session.scalars(select(Refund.payment_id).where(Refund.id == id_)).one()
    part = "payments" if found.kind.startswith("payment") else "settlements"
    return f"/merchant/{part}/{id_}"
