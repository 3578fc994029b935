"""Giving back what was paid: all of it or a part, to whoever paid, and never more than that."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import DomainError, IdempotencyMismatch, NotFound, Refused
from batua_db.ledger import AccountClosed, InsufficientFunds, Moved
from batua_db.models.payments import Merchant, Payment, Refund
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_user import day_totals
from batua_user.authorise import require_pin, verdict
from batua_user.messages.service import notify_by_sms
from batua_user.notices.service import tell


def refund(
    owner: User, payment_id: UUID, *, amount: Money, reason: str, key: UUID, pin: str
) -> None:
    """Give some of a payment back to its payer. Once for each ``key``, however often it is asked.

    The payment is held while its refunds are counted. What comes back is not stopped by a
    freeze, and not held against the payer's limits.
    """
    require_pin(owner)
    wanted = Refund(id=key, payment_id=payment_id, amount=amount, reason=reason)
    with transaction():
        done = verdict(owner, pin) or _give_back(owner, wanted)
    if isinstance(done, DomainError):
        raise done
    day_totals.changed(done)


def _give_back(owner: User, wanted: Refund) -> UUID | DomainError:
    """Move the money, or say why not: the PIN was right either way. Returns the business."""
    payment = _hold(owner, wanted.payment_id)
    if _repeated(wanted):
        return payment.merchant_id
    left = payment.amount - payment.refunded
    if wanted.amount > left:
        return Refused(_too_much(left), field="amount")
    try:
        moved = ledger.move(
            wanted.amount,
            debit=payment.merchant.account_id,
            credit=payment.payer.account_id,
            kind="payment_refund",
            key=f"payment_refund:{wanted.id}",
            reverses=payment.transfer_id,
            note=wanted.reason,
        )
    except InsufficientFunds as error:
        return Refused(f"Your takings are {error.short_by} short of this.", field="amount")
    except AccountClosed:
        return Refused("Their wallet is closed, so it takes no money. Pay them another way.")
    payment.refunded += wanted.amount
    wanted.transfer_id = moved.id
    db.session.add(wanted)
    _tell(payment, wanted, moved)
    return payment.merchant_id


def _hold(owner: User, payment_id: UUID) -> Payment:
    """A payment to the owner's business, held until the transaction ends."""
    payment = db.session.scalar(
        select(Payment)
        .join(Merchant, Merchant.id == Payment.merchant_id)
        .where(
            Payment.id == payment_id,
            Payment.transfer_id.is_not(None),
            Merchant.user_id == owner.id,
        )
        .options(joinedload(Payment.payer, innerjoin=True))
        .with_for_update(of=Payment)
        .execution_options(populate_existing=True)
    )
    if payment is None:
        raise NotFound("There is no such payment, or it is not yours.")
    return payment


def _repeated(wanted: Refund) -> bool:
    """Whether this key has made this refund already; with other terms it is no repetition."""
    earlier = db.session.get(Refund, wanted.id)
    if earlier is None:
        return False
    terms = (earlier.payment_id, earlier.amount, earlier.reason)
    if terms != (wanted.payment_id, wanted.amount, wanted.reason):
        raise IdempotencyMismatch
    return True


def _too_much(left: Money) -> str:
    if not left:
        return "All of this payment was given back already."
    return f"You can give back {left} more of this payment."


def _tell(payment: Payment, refund: Refund, moved: Moved) -> None:
    name = payment.merchant.business_name
    tell(
        payment.payer_id,
        "money_in",
        f"{name} gave you back {refund.amount}",
        refund.reason,
        path=f"/activity/{moved.id}",
    )
    notify_by_sms(
        payment.merchant.user_id,
        f"{refund.amount} given back to {payment.payer.name} from the takings of {name}."
        " Not you? Sign in and choose a new PIN.",
    )
