"""Each kind of operation, read from its own table."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from batua_db.database import db
from batua_db.models.ledger import Transfer
from batua_db.models.payments import BillPayment, Payment, Payout, Refund
from batua_db.models.wallet import SendOrder, Topup, User
from batua_user import steps
from batua_user.billers import timeline as bill_timeline
from batua_user.payouts import timeline as payout_timeline
from batua_user.story import Knot
from batua_user.topups import timeline as topup_timeline

from .values import Operation


def topup(reference: UUID) -> Operation | None:
    """Money from a bank."""
    found = db.session.get(Topup, reference)
    return found and Operation(
        id=found.id,
        title="Money added",
        state=found.state,
        amount=found.captured or found.amount,
        at=found.created_at,
        keys=[f"topup:{found.id}:{end}" for end in ("settle", "refund")],
        people=[("Person", _person(found.user_id))],
        facts=[
            ("Bank", found.bank.name),
            ("Asked for", str(found.amount)),
            ("The bank’s page", found.session_id),
            ("The bank’s payment", found.payment_id),
            ("The bank’s refund", found.bank_refund_id),
        ],
        knots=topup_timeline.tell(found, steps.of(found.id)).steps,
        news="payment.",
        check_at=found.check_at,
        checks=found.checks,
    )


def payout(reference: UUID) -> Operation | None:
    """Money to a bank account: a withdrawal, or a business's takings."""
    found = db.session.get(Payout, reference)
    if found is None:
        return None
    account, kind = found.linked_account, "settlement" if found.merchant_id else "withdrawal"
    told = found.state != "prepared"
    return Operation(
        id=found.id,
        title="Settlement" if found.merchant_id else "Withdrawal",
        state=found.state,
        amount=found.amount,
        at=found.created_at,
        keys=[f"{kind}:{found.id}{end}" for end in ("", ":fee", ":outcome", ":outcome:fee")],
        people=[("Person", _person(found.user_id))],
        facts=[
            ("To", f"{account.bank.name} ··{account.last_digits}"),
            ("Fee", str(found.fee) if found.fee else None),
            ("Paid by our account at", found.bank_code),
            ("The bank’s payout", found.bank_payout_id),
            ("The bank says", found.failure),
        ],
        knots=payout_timeline.tell(found, steps.of(found.id)).steps if told else (),
        news="payout.",
        check_at=found.check_at,
        checks=found.checks,
    )


def bill(reference: UUID) -> Operation | None:
    """A bill."""
    found = db.session.get(BillPayment, reference)
    return found and Operation(
        id=found.id,
        title="Bill",
        state=found.state,
        amount=found.amount,
        at=found.created_at,
        keys=[f"bill:{found.id}", f"bill:{found.id}:refund"],
        people=[("Payer", _person(found.payer_id))],
        facts=[
            ("Biller", found.biller.name),
            ("Customer number", found.reference),
            ("Bill", found.bill_no),
            ("The biller’s confirmation", found.confirmation),
            ("The biller says", found.failure),
        ],
        knots=bill_timeline.tell(found, steps.of(found.id)).steps
        if found.state != "prepared"
        else (),
        check_at=found.check_at,
        checks=found.checks,
    )


def send(reference: UUID) -> Operation | None:
    """Money from a person to a person."""
    found = db.session.get(SendOrder, reference)
    if found is None:
        return None
    key = f"send:{found.id}"
    moved = db.session.scalar(
        select(Transfer).where(Transfer.book == "wallet", Transfer.key == key)
    )
    return Operation(
        id=found.id,
        title="Money sent",
        state="sent" if moved else "prepared",
        amount=found.amount,
        at=found.created_at,
        keys=[key],
        people=[("From", _person(found.sender_id)), ("To", found.payee)],
        facts=[("Note", found.note)],
        knots=_send_knots(found, moved),
    )


def payment(reference: UUID) -> Operation | None:
    """Money from a person to a business."""
    found = db.session.get(Payment, reference)
    if found is None:
        return None
    paid = [Knot("done", "Paid with the PIN", found.paid_at)] if found.paid_at else []
    return Operation(
        id=found.id,
        title="Payment",
        state="paid" if found.paid_at else "prepared",
        amount=found.amount,
        at=found.created_at,
        keys=[f"payment:{found.id}"],
        people=[("Payer", _person(found.payer_id)), ("Owner", _person(found.merchant.user_id))],
        facts=[
            ("Business", found.merchant.business_name),
            ("Order", found.order_no),
            ("Note", found.note),
            ("Refunded", str(found.refunded) if found.refunded else None),
        ],
        knots=[Knot("done", "Prepared", found.created_at), *paid, *_refund_knots(found.id)],
    )


def refund(reference: UUID) -> Operation | None:
    """What a business gave back."""
    found = db.session.get(Refund, reference)
    if found is None:
        return None
    paid = db.session.get_one(Payment, found.payment_id)
    return Operation(
        id=found.id,
        title="Refund",
        state="refunded",
        amount=found.amount,
        at=found.created_at,
        keys=[f"payment_refund:{found.id}"],
        people=[("To", _person(paid.payer_id)), ("Owner", _person(paid.merchant.user_id))],
        facts=[
            ("Business", paid.merchant.business_name),
            ("Of the payment", str(paid.id)),
            ("Reason", found.reason),
        ],
        knots=[Knot("done", "The business gave it back", found.created_at)],
    )


def _send_knots(order: SendOrder, moved: Transfer | None) -> Sequence[Knot]:
    asked = Knot("done", "Shown before the PIN", order.created_at)
    if moved is None:
        return [asked, Knot("todo", "Paid with the PIN")]
    return [asked, Knot("done", "Sent, and arrived at once", moved.created_at)]


def _refund_knots(payment_id: UUID) -> Sequence[Knot]:
    query = select(Refund).where(Refund.payment_id == payment_id).order_by(Refund.created_at)
    return [
        Knot("done", f"{each.amount} given back", each.created_at, each.reason)
        for each in db.session.scalars(query)
    ]


def _person(user_id: UUID) -> User:
    return db.session.get_one(User, user_id)


Look = Callable[[UUID], Operation | None]

# How each is found, and whether there is one.
KINDS: tuple[tuple[InstrumentedAttribute[Any], Look], ...] = (
    (SendOrder.id, send),
    (Topup.id, topup),
    (Payout.id, payout),
    (BillPayment.id, bill),
    (Payment.id, payment),
    (Refund.id, refund),
)
