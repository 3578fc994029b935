"""Paying a business: first a payment that is prepared, then the PIN that pays it.

The payment's id is the form's key, and makes the ledger's key. What a signed link asks for
(amount, order) is fixed, looked at when it is prepared and again at the PIN, and paid once.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import DomainError, IdempotencyMismatch, NotFound, Refused
from batua_db.ledger import AccountClosed, AccountFrozen, InsufficientFunds, Moved
from batua_db.models.payments import Merchant, Payment
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_user.authorise import require_pin, verdict
from batua_user.messages.service import notify_by_sms
from batua_user.notices.service import tell

from . import links


class OrderPaid(Refused):
    """Somebody has paid this order."""

    code = "order_paid"

    def __init__(self) -> None:
        super().__init__("This order is paid already. Nothing was taken from you.")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a person is to pay. ``order_no`` comes from a signed link, or there is none."""

    payer_id: UUID
    merchant_id: UUID
    amount: Money
    note: str
    order_no: str | None


def prepare(
    payer: User, merchant: Merchant, *, amount: Money, note: str, key: UUID, token: str | None
) -> UUID:
    """Write down what is to be paid, to be looked at before the PIN; nothing moves yet.

    The same ``key`` with the same terms is the same payment. With a ``token`` it fixes the
    amount.
    """
    asked = links.read(token, also_expired=True) if token else None
    terms = Terms(payer.id, merchant.id, amount, note, asked.order_no if asked else None)
    with transaction():
        if _repeated(key, terms):
            return key
        refusal = _refusal(payer.id, merchant, terms, token)
        if refusal:
            raise refusal
        _refuse_beyond(payer, amount)
        _write(key, terms)
    return key


def pay(payer: User, payment_id: UUID, *, pin: str, token: str | None) -> UUID:
    """Pay what was prepared; returns the transfer. Once, however often it is asked.

    The try, the PIN's verdict and the money share one transaction. Of two who pay one order
    at once, the unique index lets one through.
    """
    require_pin(payer)
    try:
        with transaction():
            done = verdict(payer, pin) or _moved(payer, payment_id, token)
    except IntegrityError as error:
        if "uq_payment_order" not in str(error.orig):
            raise
        raise OrderPaid from None
    if isinstance(done, DomainError):
        raise done
    return done


def is_paid(merchant_id: UUID, order_no: str) -> bool:
    """Whether somebody has paid this order."""
    paid = exists().where(
        Payment.merchant_id == merchant_id,
        Payment.order_no == order_no,
        Payment.transfer_id.is_not(None),
    )
    return bool(db.session.scalar(select(paid)))


def _moved(payer: User, payment_id: UUID, token: str | None) -> UUID | DomainError:
    """Move the money, or say why not: the PIN was right either way."""
    payment = _hold(payer, payment_id)
    if payment.transfer_id:
        return payment.transfer_id
    terms = Terms(payer.id, payment.merchant_id, payment.amount, payment.note, payment.order_no)
    refusal = _refusal(payer.id, payment.merchant, terms, token)
    if refusal:
        return refusal
    try:
        moved = ledger.move(
            payment.amount,
            debit=payer.account_id,
            credit=payment.merchant.account_id,
            kind="payment",
            key=f"payment:{payment.id}",
            note=payment.note,
        )
    except InsufficientFunds as error:
        return Refused(f"You are {error.short_by} short of this. Add money, then pay.")
    except AccountFrozen:
        return Refused("Your wallet is frozen: money can come in, but not go out.")
    except AccountClosed:
        return Refused(f"{payment.merchant.business_name} is closed. Nothing was taken.")
    payment.transfer_id, payment.paid_at = moved.id, func.clock_timestamp()
    _tell(payer, payment, moved)
    return moved.id


def _refusal(
    payer_id: UUID, merchant: Merchant, terms: Terms, token: str | None
) -> DomainError | None:
    """Why this may not be paid, whatever the payer has; ``None`` if it may."""
    if merchant.user_id == payer_id:
        return Refused("This is your own business. Nobody can pay themselves.")
    if merchant.state == "refused":
        return Refused(
            f"{merchant.business_name} can’t take payments at the moment. Pay them another way."
        )
    if terms.order_no is None:
        return None
    unfit = links.refusal(token or "", (terms.merchant_id, terms.amount, terms.order_no))
    if unfit is None and is_paid(terms.merchant_id, terms.order_no):
        return OrderPaid()
    return unfit


def _refuse_beyond(payer: User, amount: Money) -> None:
    balance = ledger.balance(payer.account_id)
    if amount > balance:
        raise Refused(
            f"This is {amount}, and you have {balance}. Add {amount - balance} first, then pay.",
            field="amount",
        )


def _hold(payer: User, payment_id: UUID) -> Payment:
    """A payment of this person, held until the transaction ends, as it now is."""
    payment = db.session.scalar(
        select(Payment)
        .where(Payment.id == payment_id, Payment.payer_id == payer.id)
        .with_for_update(of=Payment)
        .execution_options(populate_existing=True)
    )
    if payment is None:
        raise NotFound("There is nothing to pay here, or it is not yours.")
    return payment


def _repeated(key: UUID, terms: Terms) -> bool:
    """Whether this key has made this payment already; with other terms it is no repetition."""
    earlier = db.session.get(Payment, key)
    if earlier is None:
        return False
    known = (earlier.payer_id, earlier.merchant_id, earlier.amount, earlier.note, earlier.order_no)
    if Terms(*known) != terms:
        raise IdempotencyMismatch
    return True


def _write(key: UUID, terms: Terms) -> None:
    """Keep a payment, unless the same form came twice at once: then the first one did."""
    row = insert(Payment).values(
        id=key,
        payer_id=terms.payer_id,
        merchant_id=terms.merchant_id,
        amount=terms.amount,
        note=terms.note,
        order_no=terms.order_no,
        refunded=Money(0),
    )
    if db.session.scalar(row.on_conflict_do_nothing().returning(Payment.id)) is None:
        _repeated(key, terms)


def _tell(payer: User, payment: Payment, moved: Moved) -> None:
    """Both hear of it: a bell for the business, an SMS for whom the money left."""
    name = payment.merchant.business_name
    about = [f"Order {payment.order_no}" if payment.order_no else "", payment.note]
    tell(
        payment.merchant.user_id,
        "merchant",
        f"{payer.name} paid {payment.amount}",
        " · ".join(filter(None, about)),
        path=f"/merchant/payments/{payment.id}",
    )
    notify_by_sms(
        payer.id,
        f"{payment.amount} paid to {name} from your Batua wallet."
        f" Balance {moved.debit_balance}. Not you? Sign in and choose a new PIN.",
    )
