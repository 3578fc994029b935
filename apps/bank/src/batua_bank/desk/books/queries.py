"""The trial balance: what every kind of account of each bank holds, all of it summing to zero."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from batua_db.database import db
from batua_db.models.bank import Bank, BankAccount
from batua_db.models.clients import Client
from batua_db.models.ledger import Account, Transfer
from batua_db.models.outgoing import Payout
from batua_db.money import Money

from .places import CASH, CUSTOMERS, paise, places, waiting


@dataclass(frozen=True, slots=True)
class Line:
    """A kind of account at a bank: how many there are, what is booked, what waits to be."""

    kind: str
    label: str
    accounts: int
    booked: Money
    waits: Money

    @property
    def holds(self) -> Money:
        """Both together."""
        return self.booked + self.waits


@dataclass(frozen=True, slots=True)
class Trial:
    """The trial balance of one bank.

    ``between`` is what it owes other banks for what its platforms paid out to their
    customers, below zero: is owed. With it all sums to zero.
    """

    bank: Bank
    lines: Sequence[Line]
    between: Money

    @property
    def sum(self) -> Money:
        """Zero, or a leg is missing."""
        return sum((line.holds for line in self.lines), self.between)


def trials() -> Sequence[Trial]:
    """One for each bank, from one look at the book."""
    banks = db.session.scalars(select(Bank).order_by(Bank.name)).all()
    lines = _lines()
    between = _between()
    return [
        Trial(bank, lines.get(bank.code, []), between.get(bank.code, Money(0))) for bank in banks
    ]


def label(kind: str, clients: Mapping[str, str]) -> str:
    """A kind in words."""
    if kind == CASH:
        return "Cash"
    return "Customers" if kind == CUSTOMERS else f"{clients.get(kind[1:], kind[1:])}, platform"


def clients() -> Mapping[str, str]:
    """What each platform is called."""
    return {row.id: row.name for row in db.session.execute(select(Client.id, Client.name))}


def _lines() -> dict[str, list[Line]]:
    place, waits, named = places(), waiting(), clients()
    rows = db.session.execute(
        select(
            place.c.bank,
            place.c.kind,
            func.count(),
            paise(func.sum(Account.balance)),
            paise(func.sum(waits.c.amount)),
        )
        .join(Account, Account.id == place.c.account)
        .outerjoin(waits, waits.c.account_id == place.c.account)
        .group_by(place.c.bank, place.c.kind)
        .order_by(place.c.bank, place.c.kind.startswith(":"), place.c.kind)
    )
    found: dict[str, list[Line]] = {}
    for code, kind, count, booked, later in rows:
        line = Line(kind, label(kind, named), count, Money(booked), Money(later))
        found.setdefault(code, []).append(line)
    return found


def _between() -> dict[str, Money]:
    """What each bank owes the others: counted from its payouts, not from what is left over."""
    paid = (
        select(Payout.bank_code, BankAccount.bank_code, paise(func.sum(Transfer.amount)))
        .join(BankAccount, BankAccount.id == Payout.account_id)
        .join(Transfer, Transfer.id == Payout.transfer_id)
        .where(Payout.bank_code != BankAccount.bank_code)
        .group_by(Payout.bank_code, BankAccount.bank_code)
    )
    owed: dict[str, Money] = {}
    for payer, receiver, amount in db.session.execute(paid):
        owed[payer] = owed.get(payer, Money(0)) + Money(amount)
        owed[receiver] = owed.get(receiver, Money(0)) - Money(amount)
    return owed
