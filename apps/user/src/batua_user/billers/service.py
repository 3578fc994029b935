"""Paying bills: the one state machine of a bill payment.

``prepared → paid → confirmed | refunded``. The payment's id is the form's key, makes the
ledger's keys, and is the biller's name for it, so that whatever is asked twice happens once.
While the biller is silent a payment stays ``paid``: what became of it is never guessed.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import DomainError, NotFound, Refused
from batua_db.ledger import AccountClosed, AccountFrozen, InsufficientFunds, Moved
from batua_db.models.payments import BillPayment
from batua_db.models.wallet import User
from batua_user.authorise import require_pin, verdict
from batua_user.notices.service import tell
from batua_user.steps import note as add_step

from .values import Confirmed, Rejected


def pay(payer: User, payment_id: UUID, *, pin: str) -> None:
    """Take what was prepared from the payer's wallet. Once, however often it is asked.

    The try, the PIN's verdict and the money share one transaction. The biller is asked
    after it, by ``asking``.
    """
    require_pin(payer)
    with transaction():
        refusal = verdict(payer, pin) or _debit(payer, payment_id)
    if refusal:
        raise refusal


def settle(payment_id: UUID, answer: Confirmed | Rejected) -> None:
    """Record what the biller said; what it refused is the payer's again, at once.

    The first answer counts: a payment has one outcome.
    """
    with transaction():
        payment = _lock(BillPayment.id == payment_id)
        if payment is None or payment.state != "paid":
            return
        payment.check_at = None
        if isinstance(answer, Confirmed):
            _confirm(payment, answer)
        else:
            _refund(payment, answer)


def _lock(*which: ColumnElement[bool]) -> BillPayment | None:
    """Hold a payment until the transaction ends, as it now is."""
    return db.session.scalar(
        select(BillPayment)
        .where(*which)
        .with_for_update(of=BillPayment)
        .execution_options(populate_existing=True)
    )


def _debit(payer: User, payment_id: UUID) -> DomainError | None:
    """Move the money, or say why not: the PIN was right either way."""
    payment = _lock(BillPayment.id == payment_id, BillPayment.payer_id == payer.id)
    if payment is None:
        raise NotFound("There is nothing to pay here, or it is not yours.")
    if payment.state != "prepared":
        return None
    try:
        moved = ledger.move(
            payment.amount,
            debit=payer.account_id,
            credit=payment.biller.account_id,
            kind="bill",
            key=f"bill:{payment.id}",
            note=payment.note,
        )
    except InsufficientFunds as error:
        return Refused(f"You are {error.short_by} short of this. Add money, then pay.")
    except AccountFrozen:
        return Refused("Your wallet is frozen: money can come in, but not go out.")
    except AccountClosed:
        return Refused(f"{payment.biller.name} can’t be paid here any more. Nothing was taken.")
    payment.state, payment.transfer_id = "paid", moved.id
    payment.check_at = func.clock_timestamp()
    add_step(payment.id, "paid")
    _tell_of_debit(payment, moved)
    return None


def _confirm(payment: BillPayment, answer: Confirmed) -> None:
    payment.state, payment.confirmation = "confirmed", answer.number
    add_step(payment.id, "confirmed")
    if payment.checks > 1:  # else they are looking at it
        tell(
            payment.payer_id,
            "money_out",
            f"{payment.biller.name} has your {payment.amount}",
            f"Confirmation {answer.number}",
            path=_page_of(payment),
        )


def _refund(payment: BillPayment, answer: Rejected) -> None:
    account = select(User.account_id).where(User.id == payment.payer_id)
    back = ledger.move(
        payment.amount,
        debit=payment.biller.account_id,
        credit=db.session.execute(account).scalar_one(),
        kind="bill_refund",
        key=f"bill:{payment.id}:refund",
        reverses=payment.transfer_id,
        note=payment.note,
    )
    payment.state, payment.failure, payment.refund_id = "refunded", answer.reason, back.id
    add_step(payment.id, "refunded", answer.reason)
    tell(
        payment.payer_id,
        "money_in",
        f"{payment.amount} is back in your wallet",
        f"{payment.biller.name} refused the payment. {answer.reason}",
        path=_page_of(payment),
    )


def _tell_of_debit(payment: BillPayment, moved: Moved) -> None:
    """Whoever it is that has the phone, its owner hears of it."""
    tell(
        payment.payer_id,
        "money_out",
        f"{payment.amount} paid to {payment.biller.name}",
        payment.note,
        path=_page_of(payment),
        sms=f"{payment.amount} paid to {payment.biller.name} from your Batua wallet."
        f" Balance {moved.debit_balance}. Not you? Sign in and choose a new PIN.",
    )


def _page_of(payment: BillPayment) -> str:
    return f"/pay/{payment.biller_code}/{payment.id}"
