"""Our side: what our book says was moved at a bank, a page of the float's passbook at a time."""

from sqlalchemy import select

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.ledger import Entry, Transfer
from batua_db.models.wallet import Bank
from batua_db.reconciliation import reference_of

from .differences import Movement, add, hold

AT_ONCE = 2000
PAGES = 5  # in one turn: others wait for theirs


def match(code: str) -> bool:
    """Take over what our book has newly moved at a bank; says whether that was all of it."""
    with transaction():
        account = db.session.get_one(Bank, code).float_account
        ledger.fold_account(account)
    return any(_match_page(code) < AT_ONCE for _ in range(PAGES))


def _match_page(code: str) -> int:
    with transaction():
        statement = hold(code)
        lines = db.session.execute(
            select(Entry.version, Entry.amount, Transfer.key, Transfer.id, Transfer.created_at)
            .join(Transfer, Transfer.id == Entry.transfer_id)
            .join(Bank, Bank.float_account == Entry.account_id)
            .where(Bank.code == code, Entry.version > statement.booked)
            .order_by(Entry.version)
            .limit(AT_ONCE)
        ).all()
        # What the float owes more, came in at the bank.
        add(code, "booked", [
            Movement(reference_of(line.key, line.id), -line.amount.paise, line.created_at)
            for line in lines
        ])  # fmt: skip
        if lines:
            statement.booked = lines[-1].version
    return len(lines)
