"""A bill about to be paid: written down with what the biller asks for, before the PIN."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from batua_db import guesses, ledger
from batua_db.database import db, transaction
from batua_db.errors import IdempotencyMismatch, Refused, Unavailable
from batua_db.guesses import Rule
from batua_db.models.payments import BillPayment
from batua_db.models.wallet import Guess, User
from batua_db.money import Money

from . import network
from .catalogue import Listing
from .values import Bill, BillerSilent

FETCHES = Rule(30, (60,))  # bills looked up in an hour, then one a minute: they name strangers


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asks for. Without ``amount`` it is what stands on the bill."""

    payer_id: UUID
    biller_code: str
    reference: str
    note: str
    amount: Money | None = None


def prepare(
    payer: User,
    biller: Listing,
    *,
    reference: str,
    note: str,
    key: UUID,
    amount: Money | None = None,
) -> UUID:
    """Write down what is to be paid, to be looked at before the PIN; nothing moves yet.

    Where the biller has bills, it is asked for this one. The same ``key`` with the same
    terms is the same payment.
    """
    order = Order(payer.id, biller.code, reference, note, amount)
    with transaction():
        if _repeated(key, order):
            return key
    bill = _bill_of(order, biller)
    with transaction():
        _refuse_beyond(payer, biller, _amount(order, bill))
        _write(key, order, bill)
    return key


def _repeated(key: UUID, order: Order) -> bool:
    """Whether this key has made this payment already; with other terms it is no repetition."""
    earlier = db.session.get(BillPayment, key)
    if earlier is None:
        return False
    terms = (earlier.payer_id, earlier.biller_code, earlier.reference, earlier.note)
    asked = (order.payer_id, order.biller_code, order.reference, order.note)
    if terms != asked or order.amount not in {None, earlier.amount}:
        raise IdempotencyMismatch
    return True


def _bill_of(order: Order, biller: Listing) -> Bill | None:
    """Ask for the bill, where the biller has any; that there is a way to it is asked of all."""
    try:
        there = network.reach(biller.code)
        if not biller.kind.fetched:
            return None
        with transaction():
            guesses.take(Guess, guesses.this_hour(f"bills:{order.payer_id}"), FETCHES)
        bill = there.fetch(order.reference)
    except BillerSilent:
        raise Unavailable(
            f"{biller.name} does not answer right now. Nothing was taken. Try again in a minute.",
            retry_after=60,
        ) from None
    if bill is None:
        raise Refused(
            f"{biller.name} has nothing to pay for this number."
            " Check it, or come back when the next bill is out.",
            field="reference",
        )
    return bill


def _amount(order: Order, bill: Bill | None) -> Money:
    amount = bill.amount if bill else order.amount
    if amount is None:
        raise ValueError("without a bill there is an amount")
    return amount


def _refuse_beyond(payer: User, biller: Listing, amount: Money) -> None:
    least, most = biller.kind.least, biller.kind.most
    if not least <= amount <= most:
        raise Refused(f"{biller.name} takes {least} to {most} at a time.", field="amount")
    balance = ledger.balance(payer.account_id)
    if amount > balance:
        raise Refused(
            f"This is {amount}, and you have {balance}. Add {amount - balance} first, then pay.",
            field="amount",
        )


def _write(key: UUID, order: Order, bill: Bill | None) -> None:
    """Keep a payment, unless the same form came twice at once: then the first one did."""
    row = insert(BillPayment).values(
        id=key,
        payer_id=order.payer_id,
        biller_code=order.biller_code,
        reference=order.reference,
        note=order.note,
        amount=_amount(order, bill),
        bill_no=bill and bill.number,
        bill_name=bill.name if bill else "",
        due_on=bill and bill.due_on,
    )
    if db.session.scalar(row.on_conflict_do_nothing().returning(BillPayment.id)) is None:
        _repeated(key, order)
