"""What staff do with a customer's account: cash over the counter, freezing, closing."""

from uuid import UUID

from sqlalchemy import select

from batua_bank.desk import acts
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import Conflict, NotFound, Refused
from batua_db.ledger import InsufficientFunds
from batua_db.models.bank import Bank, BankAccount
from batua_db.models.bank_desk import Staff
from batua_db.models.ledger import Status
from batua_db.money import Money

VERBS: dict[Status, str] = {"frozen": "freeze", "open": "unfreeze", "closed": "close"}


def cash(staff: Staff, account_id: UUID, *, way: str, amount: Money, note: str, key: UUID) -> UUID:
    """Take cash ``in`` from a customer, or pay it ``out``; once per ``key``. Returns the transfer.

    Raises the ledger's refusals: too little, frozen, closed.
    """
    with transaction():
        till = _till_of(account_id)
        debit, credit = (till, account_id) if way == "in" else (account_id, till)
        try:
            moved = ledger.move(
                amount,
                debit=debit,
                credit=credit,
                kind="cash",
                key=f"cash:{key}",
                note=note,
                details={"staff": staff.username},
            )
        except InsufficientFunds as error:
            held = amount - error.short_by
            raise Refused(f"Only {held} is in the account.", field="amount") from None
        if not moved.repeated:
            named = {"transfer": str(moved.id), "amount": str(amount)}
            acts.record(staff, f"cash_{way}", account_id, note, **named)
    return moved.id


def set_status(staff: Staff, account_id: UUID, *, status: Status, reason: str) -> None:
    """Freeze, open again, or close for good; raises ``Conflict`` where it is so already.

    Closing raises the ledger's ``NotEmpty`` while there is money.
    """
    with transaction():
        _till_of(account_id)
        held = ledger.lock([account_id])[account_id]
        if held.status == "closed":
            raise Refused("This account is closed, for good.")
        if held.status == status:
            raise Conflict(f"This account is {status} by now.")
        ledger.set_status(account_id, status)
        acts.record(staff, VERBS[status], account_id, reason)


def _till_of(account_id: UUID) -> UUID:
    """The cash account of the bank that a customer's account is at."""
    till = db.session.scalar(
        select(Bank.cash_account)
        .join(BankAccount, BankAccount.bank_code == Bank.code)
        .where(BankAccount.id == account_id)
    )
    if till is None:
        raise NotFound("There is no such account of a customer.")
    return till
