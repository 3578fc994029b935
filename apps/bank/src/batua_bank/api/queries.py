"""Reads that only the API needs."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.bank import Bank
from batua_db.models.ledger import Account, Entry, Transfer
from batua_db.money import Money


def banks() -> list[Bank]:
    """All banks, by code."""
    return list(db.session.scalars(select(Bank).order_by(Bank.code)))


class PlatformEntry(NamedTuple):
    """A line of the platform's account at a bank; ``number`` counts from 1 without a gap."""

    number: int
    id: UUID
    reference: str
    kind: str
    amount: int  # paise; above zero: came in
    balance: int
    at: datetime


def platform_entries(account: UUID, *, after: int, most: int) -> list[PlatformEntry]:
    """The lines after number ``after``, oldest first."""
    reference = func.coalesce(Transfer.details["reference"].astext, "")
    rows = db.session.execute(
        select(Entry.version, Transfer.id, reference, Transfer.kind, Entry.amount, Entry.balance)
        .add_columns(Entry.created_at)
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .where(Entry.account_id == account, Entry.version > after)
        .order_by(Entry.version)
        .limit(most)
    )
    return [
        PlatformEntry(number, id_, said, kind, amount.paise, balance.paise, at)
        for number, id_, said, kind, amount, balance, at in rows
    ]


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
