"""What the desk reads of accounts: a customer's, a platform's, or the cash of a bank."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from batua_bank.accounts.lines import title
from batua_db import ledger
from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.bank import Bank, BankAccount, Customer
from batua_db.models.clients import Client, Platform
from batua_db.models.ledger import Account, Entry, Status, Transfer
from batua_db.money import Money

ROWS = 20

# What staff may take back. Only cash: what a platform was paid or paid out is in that platform's
# book as well. A payment comes back when the platform refunds it, which its customers then see;
# taken from its account by us, its book and ours would differ, and it would owe people money
# that it has not got.
REVERSIBLE = frozenset({"cash"})


@dataclass(frozen=True, slots=True)
class Shown:
    """An account, with whom it belongs to. ``row`` is a customer's only."""

    id: UUID
    title: str
    bank: Bank
    status: Status
    balance: Money  # with what waits
    entries: int
    row: BankAccount | None = None
    customer: Customer | None = None


class Line(NamedTuple):
    """One row of a statement."""

    number: int
    transfer: Transfer
    amount: Money
    balance: Money

    @property
    def title(self) -> str:
        """What it was, in a few words."""
        return title(self.transfer.kind)


class Side(NamedTuple):
    """An account that a movement left or reached."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Movement:
    """A transfer with its two sides, and with what took it back."""

    transfer: Transfer
    debit: Side
    credit: Side
    reversed_by: Sequence[Transfer]

    @property
    def reference(self) -> str | None:
        """What both sides know it by."""
        return self.transfer.details.get("reference")

    @property
    def is_reversible(self) -> bool:
        """Whether staff may take it back."""
        return is_reversible(self.transfer)

    @property
    def at(self) -> datetime:
        """When it happened."""
        return self.transfer.happened_at


def is_reversible(transfer: Transfer) -> bool:
    """Whether staff may take it back, as far as its kind goes."""
    return transfer.kind in REVERSIBLE and transfer.reverses is None


def account(account_id: UUID) -> Shown:
    """An account of any kind; raises ``NotFound``."""
    found = db.session.get(Account, account_id, populate_existing=True)
    if found is None or found.book != "bank":
        raise NotFound("There is no such account.")
    title, bank, row, customer = _whose(account_id)
    return Shown(
        id=account_id,
        title=title,
        bank=bank,
        status=found.status,
        balance=ledger.balance(account_id),
        entries=found.version,
        row=row,
        customer=customer,
    )


def customers_account(account_id: UUID) -> Shown:
    """An account of a customer's; raises ``NotFound``."""
    found = account(account_id)
    if found.row is None:
        raise NotFound("There is no such account of a customer.")
    return found


def lines(shown: Shown, upto: int | None = None) -> tuple[Sequence[Line], int]:
    """The rows of an account up to number ``upto``, newest first, and that number."""
    upto = max(1, min(upto or shown.entries, shown.entries))
    rows = db.session.execute(
        select(Entry.version, Transfer, Entry.amount, Entry.balance)
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .where(Entry.account_id == shown.id, Entry.version <= upto, Entry.version > upto - ROWS)
        .order_by(Entry.version.desc())
    )
    return [Line(*row) for row in rows], upto


def transfer(transfer_id: UUID) -> Transfer:
    """A transfer of our book; raises ``NotFound``."""
    found = db.session.get(Transfer, transfer_id)
    if found is None or found.book != "bank":
        raise NotFound("There is no such movement.")
    return found


def movement(transfer_id: UUID) -> Movement:
    """A transfer, and all that belongs to it."""
    found = transfer(transfer_id)
    back = db.session.scalars(
        select(Transfer).where(Transfer.reverses == found.id).order_by(Transfer.id)
    ).all()
    return Movement(found, _side(found.debit_account), _side(found.credit_account), back)


def _side(account_id: UUID) -> Side:
    return Side(account_id, _whose(account_id)[0])


def _whose(account_id: UUID) -> tuple[str, Bank, BankAccount | None, Customer | None]:
    """What an account is called, its bank, and its customer if it has one."""
    if row := db.session.get(BankAccount, account_id):
        customer = db.session.get_one(Customer, row.customer_id)
        return f"{customer.name}, {row.label} ··{row.number[-4:]}", customer.bank, row, customer
    cash = aliased(Bank)
    found = db.session.execute(
        select(Client.name, Bank, cash)
        .select_from(Account)
        .outerjoin(cash, cash.cash_account == Account.id)
        .outerjoin(Platform, Platform.account_id == Account.id)
        .outerjoin(Bank, Bank.code == Platform.bank_code)
        .outerjoin(Client, Client.id == Platform.client_id)
        .where(Account.id == account_id)
    ).one()
    if found[2]:
        return f"Cash of {found[2].name}", found[2], None, None
    if found[1]:
        return f"{found[0]} at {found[1].name}", found[1], None, None
    raise NotFound("There is no such account.")
