"""Reads that only the API needs."""

from uuid import UUID

from sqlalchemy import select

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.bank import Bank
from batua_db.models.ledger import Account
from batua_db.money import Money


def banks() -> list[Bank]:
    """All banks, by code."""
    return list(db.session.scalars(select(Bank).order_by(Bank.code)))


def platform_stands(account: UUID) -> tuple[Money, int]:
    """What the account has after its last line, and that line's number.

    What still waits to be booked is booked first, so that no line is missing.
    """
    with transaction():
        ledger.fold_account(account)
        row = db.session.execute(
            select(Account.balance, Account.version).where(Account.id == account)
        ).one()
    return row.balance, row.version
