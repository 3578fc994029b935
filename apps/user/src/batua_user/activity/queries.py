"""What a person's history reads: their own entries, in the order of their account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, case, select
from sqlalchemy.orm import aliased

from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.ledger import Entry, Transfer
from batua_db.models.wallet import Bank, User
from batua_db.money import Money

A_PAGE = 30
Other = Literal["person", "bank", "batua"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the passbook: what came or went, from or to whom, and what was there after."""

    version: int
    transfer_id: UUID
    kind: str
    amount: Money  # above zero: came in
    balance: Money
    at: datetime
    note: str
    other: Other
    other_id: object
    name: str
    phone: str | None

    @property
    def came_in(self) -> bool:
        """Whether the money came to me."""
        return self.amount.paise > 0


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines of a history, and where the next older ones begin."""

    lines: Sequence[Line]
    older: int | None


def history(user: User, *, after: int | None = None, most: int = A_PAGE) -> Page:
    """My lines, newest first; ``after`` is the version of the last one seen."""
    query = _lines(user).order_by(Entry.version.desc()).limit(most + 1)
    if after is not None:
        query = query.where(Entry.version < after)
    lines = [_line(row) for row in db.session.execute(query)]
    more = len(lines) > most
    return Page(lines[:most], lines[most - 1].version if more else None)


def find(user: User, transfer_id: UUID) -> Line:
    """One line of mine; a transfer between others is not there."""
    row = db.session.execute(_lines(user).where(Entry.transfer_id == transfer_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such receipt, or it is not yours to see.")
    return _line(row)


Columns = tuple[Entry, Transfer, UUID | None, str | None, str | None, str | None, str | None]


def _lines(user: User) -> Select[*Columns]:
    mine = user.account_id
    other: ColumnElement[UUID] = case(
        (Transfer.debit_account == mine, Transfer.credit_account), else_=Transfer.debit_account
    )
    person = aliased(User)
    query = (
        select(Entry, Transfer, person.id, person.name, person.phone, Bank.code, Bank.name)
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .outerjoin(person, person.account_id == other)
        .outerjoin(Bank, Bank.float_account == other)
        .where(Entry.account_id == mine)
    )
    return cast("Select[*Columns]", query)  # outer joins: there may be nobody


def _line(row: Row[*Columns]) -> Line:
    entry, transfer, person_id, person, phone, code, bank = row
    return Line(
        version=entry.version,
        transfer_id=transfer.id,
        kind=transfer.kind,
        amount=entry.amount,
        balance=entry.balance,
        at=entry.created_at,
        note=transfer.note,
        other="person" if person else "bank" if bank else "batua",
        other_id=person_id or code,
        name=person or bank or "Batua",
        phone=phone,
    )
