"""Asking the bank to pay out, and what became of it, outside of any transaction.

The payout's id is the reference, and part of the key, so that asking again after a lost
answer finds the payout that was made. Only a clear no gives the money back.
"""

from uuid import UUID

from sqlalchemy import select

from batua_config import logs
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.fields import Unsealable, reveal
from batua_db.ledger import AccountClosed
from batua_db.models.desk import Halt
from batua_db.models.payments import Payout
from batua_db.models.wallet import Bank
from batua_user import turns
from batua_user.bank import values
from batua_user.bank.client import BankError, BankRefused
from batua_user.bank.current import bank
from batua_user.bank.orders import PayoutOrder
from batua_user.steps import note

from . import service

log = logs.get(__name__)

FINAL = 422  # remembered by the bank: an earlier order, late on its way, gets the same answer


def poll() -> int:
    """Ask about every payout that is due; the worker's task."""
    asked = 0
    while payout_id := turns.claim(Payout, turns.due(Payout)):
        ask(payout_id)
        asked += 1
    return asked


def look(payout_id: UUID) -> None:
    """Ask for someone who looks at the page of a payout, if it is time to."""
    if turns.claim(Payout, turns.due(Payout), Payout.id == payout_id):
        ask(payout_id)


def ask(payout_id: UUID) -> None:
    """Order a payout, or see what became of it. Without an answer the next turn asks again.

    What can't come back, since its owner's wallet is closed, stays in flight too, and so does
    what goes to an account whose number can't be read.
    """
    try:
        _ask(payout_id)
    except (BankError, AccountClosed) as error:
        log.warning("no news of a payout", payout_id=payout_id, reason=str(error))
    except Unsealable:
        log.error("no key opens the number of a bank account", payout_id=payout_id)


def _ask(payout_id: UUID) -> None:
    order, known = _order(payout_id)
    try:
        if known:
            _take(payout_id, bank.payout(known))
        elif order:
            _take(payout_id, bank.pay_out(order))
    except BankRefused as error:
        _refused(payout_id, error)


def _order(payout_id: UUID) -> tuple[PayoutOrder | None, str | None]:
    """What to ask the bank for, or the bank's name for what was asked before.

    The bank that pays is chosen and kept before it is asked: another must not be asked
    while this one's answer is unknown.
    """
    with transaction():
        payout = service.lock(payout_id)
        if payout is None or payout.state != "in_flight" or payout.bank_payout_id:
            return None, payout.bank_payout_id if payout and payout.state == "in_flight" else None
        if payout.bank_code is None:
            if db.session.get(Halt, service.HALT):
                return None, None
            payout.bank_code = _fullest()
        account = payout.linked_account
        return PayoutOrder(
            reference=str(payout.id),
            amount=payout.amount,
            bank=payout.bank_code,
            account_number=reveal(account.number_sealed),
            ifsc=account.ifsc,
            holder=account.holder,
        ), None


def _fullest() -> str:
    """The bank where we hold the most."""
    banks = db.session.execute(select(Bank.code, Bank.float_account)).all()
    return min(banks, key=lambda each: ledger.balance(each.float_account)).code


def _take(payout_id: UUID, said: values.Payout) -> None:
    with transaction():
        payout = service.lock(payout_id)
        if payout is None or not service.takes(payout, said) or service.settle(payout, said):
            return
        if payout.bank_payout_id is None:
            payout.bank_payout_id = said.id
            note(payout.id, "ordered")


def _refused(payout_id: UUID, error: BankRefused) -> None:
    """End a payout that the bank said no to for good; of anything else it stays in flight."""
    log.error("the bank refuses a payout", payout_id=payout_id, code=error.code)
    if error.status != FINAL:
        return
    with transaction():
        payout = service.lock(payout_id)
        if payout and payout.state == "in_flight" and payout.bank_payout_id is None:
            service.give_back(payout, error.code)
