"""Our side: what our book says was moved at a bank, a page of the float's passbook at a time."""

import sys
from uuid import UUID

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
    return any(_match_page(code, account) < AT_ONCE for _ in range(PAGES))


def booked(account: UUID, *, after: int, upto: int = sys.maxsize) -> list[tuple[int, Movement]]:
    """The next lines of a float's passbook, each with its number and what it moved at the bank."""
    lines = db.session.execute(
        select(Entry.version, Entry.amount, Transfer.key, Transfer.id, Transfer.created_at)
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .where(Entry.account_id == account, Entry.version > after, Entry.version <= upto)
        .order_by(Entry.version)
        .limit(AT_ONCE)
    )
    # What the float owes more, came in at the bank.
    return [
        (number, Movement(reference_of(key, transfer), -amount.paise, at))
        for number, amount, key, transfer, at in lines
    ]


def _match_page(code: str, account: UUID) -> int:
    with transaction():
        statement = hold(code)
        lines = booked(account, after=statement.booked)
        add(code, "booked", [movement for _, movement in lines])
        if lines:
            statement.booked = lines[-1][0]
    return len(lines)
