"""Reads of a customer's own accounts. Every query names the customer: there is no other way in."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from batua_db import passbook
from batua_db.database import db
from batua_db.models.bank import Bank, BankAccount, Customer
from batua_db.models.ledger import Account, Status
from batua_db.money import Money
from batua_db.passbook import Page
from batua_ui.months import begins, ends
from batua_ui.searching import Words

from . import lines
from .lines import Line

ROWS = 20
DEPTH = passbook.Depth(look_at=2000, at_once=500)
SHORTEST_REFERENCE = 8


class Holding(NamedTuple):
    """An account, with what is on it."""

    id: UUID
    label: str
    number: str
    ifsc: str
    bank: str
    balance: Money
    status: Status
    opened_at: datetime

    @property
    def name(self) -> str:
        """``Savings ··4471``."""
        return f"{self.label} ··{self.number[-4:]}"


@dataclass(frozen=True)
class Wanted:
    """A search: words, a group of kinds, the first and the last day. Nothing given is all."""

    text: str = ""
    kind: str | None = None
    since: date | None = None
    until: date | None = None

    @property
    def sifts(self) -> bool:
        """Whether rows must be looked at one by one: days alone are a range."""
        return bool(self.text or self.kind)

    @property
    def everything(self) -> bool:
        """Whether nothing was asked for."""
        return not (self.sifts or self.since or self.until)

    def find(self, account: UUID, low: int, high: int) -> list[Line]:
        """The wanted rows with versions ``(low, high]``, newest first."""
        words = Words(self.text)
        return [
            line
            for line in lines.of_account(account, low, high)
            if line.belongs(self.kind) and self._says(line, words)
        ]

    def _says(self, line: Line, words: Words) -> bool:
        typed = self.text.lower()
        if len(typed) >= SHORTEST_REFERENCE and line.reference.lower().startswith(typed):
            return True
        return words.are_in(f"{line.title} {line.note} {line.reference}", line.amount)


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
            BankAccount.created_at,
        )
        .join(Account, Account.id == BankAccount.id)
        .join(Bank, Bank.code == BankAccount.bank_code)
        .where(BankAccount.customer_id == customer.id)
        .order_by(BankAccount.created_at, BankAccount.number)
    )
    return [Holding(*row) for row in rows]


def statement(account: UUID, wanted: Wanted, *, after: int | None = None) -> Page[Line]:
    """A page of the rows that are wanted, newest first; ``after`` is the last version seen."""
    within = span(account, wanted)
    top = within[1] if after is None else min(within[1], after - 1)
    find = partial(wanted.find, account)
    if wanted.sifts:
        return passbook.sift(find, account, within, top, ROWS, DEPTH)
    return passbook.page(find, within, top, ROWS)


def span(account: UUID, wanted: Wanted) -> tuple[int, int]:
    """The versions ``(low, high]`` of the days that are wanted."""
    since = begins(wanted.since) if wanted.since else None
    return passbook.span(account, since, ends(wanted.until) if wanted.until else None)
