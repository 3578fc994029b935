"""A past: movements that were booked on days gone by.

The ledger's functions know only now, so these rows are written by the tables' owner, as
the functions would have written them then.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection, NullPool, create_engine, text

from batua_dev.testing import Committed
from batua_dev.testrun import sqlalchemy_url

TRANSFER = text(
    "INSERT INTO ledger.transfer (book, kind, debit_account, credit_account, amount, key, note,"
    " created_at, happened_at) VALUES ('wallet', :kind, :debit, :credit, :amount, :key, :note,"
    " :at, :at) RETURNING id"
)
ACCOUNT = text("SELECT version + 1, balance, hot FROM ledger.account WHERE id = :id")
ENTRY = text(
    "INSERT INTO ledger.entry (account_id, version, transfer_id, amount, balance, created_at, book)"
    " VALUES (:id, :version, :transfer, :amount, :balance, :at, 'wallet')"
)
UPDATE = text("UPDATE ledger.account SET balance = :balance, version = :version WHERE id = :id")
PENDING = text("INSERT INTO ledger.pending VALUES (:id, :transfer, :amount)")


@dataclass(frozen=True)
class Booked:
    """A movement of ``paise`` to an account (above zero) or from it, and ``other``."""

    at: datetime
    paise: int
    other: UUID
    kind: str = "send"
    note: str = ""
    key: str = field(default_factory=lambda: f"past:{uuid4()}")


def write(committed: Committed, account: UUID, past: Iterable[Booked]) -> list[UUID]:
    """Book these movements of ``account``, the oldest first; returns the transfers."""
    engine = create_engine(sqlalchemy_url(committed.owner_url), poolclass=NullPool)
    with engine.begin() as owner:
        return [_book(owner, account, each) for each in past]


def _book(owner: Connection, account: UUID, each: Booked) -> UUID:
    debit, credit = (each.other, account) if each.paise > 0 else (account, each.other)
    terms = {"debit": debit, "credit": credit, "amount": abs(each.paise)}
    transfer = owner.execute(
        TRANSFER, {**terms, "kind": each.kind, "key": each.key, "note": each.note, "at": each.at}
    ).scalar_one()
    _leg(owner, debit, transfer, -abs(each.paise), each.at)
    _leg(owner, credit, transfer, abs(each.paise), each.at)
    return transfer


def _leg(owner: Connection, id_: UUID, transfer: UUID, amount: int, at: datetime) -> None:
    version, balance, hot = owner.execute(ACCOUNT, {"id": id_}).one()
    leg = {"id": id_, "transfer": transfer, "amount": amount}
    if hot:
        owner.execute(PENDING, leg)
        return
    after = {"version": version, "balance": balance + amount}
    owner.execute(ENTRY, {**leg, **after, "at": at})
    owner.execute(UPDATE, {"id": id_, **after})
