"""Lines of a passbook: entries of one account, in its order, with who was on the other side."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, case, select

from batua_db.models.ledger import Entry, Transfer
from batua_db.money import Money

from . import kinds, parties
from .parties import BATUA, Party

OPERATION = re.compile(r"([a-z_]+):([0-9a-f-]{36})(?::.*)?", re.ASCII)
PAYOUTS = {"withdrawal", "withdrawal_returned"}

Columns = tuple[int, Money, Money, datetime, UUID, str, str, str, datetime, UUID | None, UUID]
Raw = Row[*Columns]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the passbook: what came or went, from or to whom, and what was there after."""

    version: int
    transfer_id: UUID
    kind: str
    amount: Money  # above zero: came in
    balance: Money
    at: datetime  # when it was booked
    happened_at: datetime
    note: str
    reverses: UUID | None  # the transfer that this takes back
    key: str
    party: Party

    @property
    def came_in(self) -> bool:
        """Whether the money came to me."""
        return self.amount.paise > 0

    @property
    def operation(self) -> UUID | None:
        """The top-up, the payout, the payment, the bill … that this was part of."""
        return _operation(self.key)

    @property
    def what(self) -> str:
        """What it was, in a word or two."""
        return kinds.name_of(self.kind, came_in=self.came_in)


def of_account(account: UUID) -> Select[*Columns]:
    """The entries of ``account`` with their transfers: to be ordered, bounded, and ``named``."""
    other: ColumnElement[UUID] = case(
        (Transfer.debit_account == account, Transfer.credit_account), else_=Transfer.debit_account
    )
    query = (
        select(
            Entry.version,
            Entry.amount,
            Entry.balance,
            Entry.created_at,
            Transfer.id,
            Transfer.kind,
            Transfer.note,
            Transfer.key,
            Transfer.happened_at,
            Transfer.reverses,
            other.label("other"),
        )
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .where(Entry.account_id == account)
    )
    return cast("Select[*Columns]", query)


def named(rows: Sequence[Raw]) -> list[Line]:
    """Turn rows into lines: who the others are is asked once for all of them."""
    owners = parties.of_accounts({row.other for row in rows})
    banks = parties.of_payouts({payout for row in rows if (payout := _payout(row))})
    return [_line(row, banks, owners) for row in rows]


def _line(row: Raw, banks: Mapping[UUID, Party], owners: Mapping[UUID, Party]) -> Line:
    payout = _payout(row)
    return Line(
        version=row.version,
        transfer_id=row.id,
        kind=row.kind,
        amount=row.amount,
        balance=row.balance,
        at=row.created_at,
        happened_at=row.happened_at,
        note=row.note,
        reverses=row.reverses,
        key=row.key,
        party=(payout and banks.get(payout)) or owners.get(row.other, BATUA),
    )


def _payout(row: Raw) -> UUID | None:
    return _operation(row.key) if row.kind in PAYOUTS else None


def _operation(key: str) -> UUID | None:
    """What a key of the ledger names: ``bill:<id>:refund`` is about that bill payment."""
    found = OPERATION.fullmatch(key)
    return UUID(found[2]) if found else None
