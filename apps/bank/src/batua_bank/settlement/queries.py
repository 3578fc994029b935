"""Reads of a platform's account: its lines, and the days that are closed."""

import sys
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from batua_db.database import db
from batua_db.models.ledger import Entry, Transfer
from batua_db.models.outgoing import SettlementFile


class PlatformEntry(NamedTuple):
    """A line of the platform's account at a bank; ``number`` counts from 1 without a gap."""

    number: int
    id: UUID
    reference: str
    kind: str
    amount: int  # paise; above zero: came in
    balance: int
    at: datetime


def entries(
    account: UUID, *, after: int, most: int, upto: int = sys.maxsize
) -> list[PlatformEntry]:
    """The lines after number ``after``, oldest first, and none after ``upto``."""
    reference = func.coalesce(Transfer.details["reference"].astext, "")
    rows = db.session.execute(
        select(Entry.version, Transfer.id, reference, Transfer.kind, Entry.amount, Entry.balance)
        .add_columns(Entry.created_at)
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .where(Entry.account_id == account, Entry.version > after, Entry.version <= upto)
        .order_by(Entry.version)
        .limit(most)
    )
    return [
        PlatformEntry(number, id_, said, kind, amount.paise, balance.paise, at)
        for number, id_, said, kind, amount, balance, at in rows
    ]


def closed(client: str, bank: str, *, after: date, most: int) -> Sequence[SettlementFile]:
    """The closed days after ``after``, oldest first."""
    own = (SettlementFile.client_id == client, SettlementFile.bank_code == bank)
    query = select(SettlementFile).where(*own, SettlementFile.day > after)
    return db.session.scalars(query.order_by(SettlementFile.day).limit(most)).all()


def last_closed(client: str, bank: str, *, before: date = date.max) -> SettlementFile | None:
    """The last day that is closed, of those before ``before``."""
    own = (SettlementFile.client_id == client, SettlementFile.bank_code == bank)
    query = select(SettlementFile).where(*own, SettlementFile.day < before)
    return db.session.scalars(query.order_by(SettlementFile.day.desc()).limit(1)).first()
