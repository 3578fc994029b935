"""Reads of a customer's own accounts. Every query names the customer: there is no other way in."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from batua_db.database import db
from batua_db.models.bank import Bank, BankAccount, Customer
from batua_db.models.ledger import Account, Entry, Status, Transfer
from batua_db.money import Money

ROWS = 20


class Holding(NamedTuple):
    """An account, with what is on it."""

    id: UUID
    label: str
    number: str
    ifsc: str
    bank: str
    balance: Money
    status: Status
    entries: int  # how many there are; each has its number, without a gap


class Line(NamedTuple):
    """One row of a statement."""

    number: int
    at: datetime
    kind: str
    note: str
    reference: str | None
    amount: Money
    balance: Money

    @property
    def title(self) -> str:
        """What it was, in a few words."""
        return title(self.kind)

    @property
    def detail(self) -> str:
        """What it was for, and the reference that both sides know it by."""
        return " · ".join(part for part in (self.note, self.reference) if part)


TITLES = {
    "payment": "Batua wallet",
    "payout": "From Batua wallet",
    "refund": "Returned by Batua wallet",
    "cash": "Cash at the desk",
    "reversal": "Put right by the bank",
}


def title(kind: str) -> str:
    """A kind of movement in words."""
    return TITLES.get(kind, kind.replace("_", " ").capitalize())


@dataclass(frozen=True, slots=True)
class Statement:
    """A page of a statement, newest first."""

    lines: list[Line]
    newest: int
    upto: int

    @property
    def newer(self) -> int | None:
        """Where the page before this one begins."""
        return min(self.upto + ROWS, self.newest) if self.upto < self.newest else None

    @property
    def older(self) -> int | None:
        """Where the page after this one begins."""
        return self.upto - ROWS if self.upto > ROWS else None


def holdings(customer: Customer) -> list[Holding]:
    """All accounts of the customer, oldest first."""
    rows = db.session.execute(
        select(
            BankAccount.id,
            BankAccount.label,
            BankAccount.number,
            BankAccount.ifsc,
            Bank.name,
            Account.balance,
            Account.status,
            Account.version,
        )
        .join(Account, Account.id == BankAccount.id)
        .join(Bank, Bank.code == BankAccount.bank_code)
        .where(BankAccount.customer_id == customer.id)
        .order_by(BankAccount.created_at, BankAccount.number)
    )
    return [Holding(*row) for row in rows]


def statement(holding: Holding, upto: int | None = None) -> Statement:
    """The rows of an account up to number ``upto``: a range of its primary key."""
    newest = holding.entries
    upto = max(1, min(upto or newest, newest))
    rows = db.session.execute(
        select(
            Entry.version,
            Transfer.happened_at,
            Transfer.kind,
            Transfer.note,
            Transfer.details["reference"].astext,
            Entry.amount,
            Entry.balance,
        )
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .where(Entry.account_id == holding.id, Entry.version <= upto, Entry.version > upto - ROWS)
        .order_by(Entry.version.desc())
    )
    return Statement([Line(*row) for row in rows], newest, upto)
