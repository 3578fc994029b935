"""The one door to the ledger: each call is one round trip, and none of the door's commits.

A refusal is an exception here and a value in SQL: the transaction stays usable, so a
service may catch ``InsufficientFunds`` and write something else. A transaction calls
``move`` or ``move_all``, once: two moves in a row can deadlock with the reverse pair.

``fold`` and ``seal`` are for workers: whole tasks, in short transactions of their own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as UUID_COLUMN

from .database import db, transaction
from .ledger_errors import (
    AccountClosed,
    AccountFrozen,
    InsufficientFunds,
    InvalidMove,
    KeyReused,
    LedgerError,
    Mismatch,
    NotEmpty,
    OverReversed,
    UnknownAccount,
)
from .models.ledger import Account, Book, Pending, Status
from .money import Money

__all__ = [
    "AccountClosed",
    "AccountFrozen",
    "InsufficientFunds",
    "InvalidMove",
    "KeyReused",
    "LedgerError",
    "Mismatch",
    "Move",
    "Moved",
    "NotEmpty",
    "OverReversed",
    "Sealed",
    "UnknownAccount",
    "balance",
    "fold",
    "fold_account",
    "lock",
    "move",
    "move_all",
    "open_account",
    "seal",
    "set_status",
]

MOVE = text(
    "SELECT outcome, transfer_id, debit_balance, credit_balance, short_by FROM ledger.move("
    ":amount, :debit, :credit, :kind, :key, :reverses, :note, :details, :happened_at)"
).bindparams(bindparam("details", type_=JSONB))
MOVE_ALL = text("SELECT * FROM ledger.move_all(:moves) ORDER BY n").bindparams(
    bindparam("moves", type_=JSONB)
)
LOCK = text("SELECT * FROM ledger.lock(:ids)").bindparams(
    bindparam("ids", type_=ARRAY(UUID_COLUMN))
)
OPEN = text("SELECT ledger.open_account(:book, :kind, :owner, :floor, :hot)")
SET_STATUS = text("SELECT ledger.set_status(:id, :status)")
FOLD = text("SELECT ledger.fold(:id)")
BALANCE = text(
    "SELECT balance + CAST(coalesce((SELECT sum(amount) FROM ledger.pending"
    " WHERE account_id = account.id), 0) AS bigint) FROM ledger.account WHERE id = :id"
)
SEAL = text("SELECT number, digest FROM ledger.seal(:book)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What to move. ``key`` names the business event, not its outcome."""

    amount: Money
    debit: UUID
    credit: UUID
    kind: str
    key: str
    reverses: UUID | None = None
    note: str = ""
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A transfer that is in the books. A balance is ``None`` while it waits on a hot account."""

    id: UUID
    debit_balance: Money | None
    credit_balance: Money | None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Sealed:
    """A block of the chain, as the other app keeps it."""

    book: Book
    number: int
    digest: bytes


def move(
    amount: Money,
    *,
    debit: UUID,
    credit: UUID,
    kind: str,
    key: str,
    reverses: UUID | None = None,
    note: str = "",
    details: Mapping[str, Any] | None = None,
    happened_at: datetime | None = None,
) -> Moved:
    """Move ``amount`` from ``debit`` to ``credit`` once per ``key``, or raise why not."""
    terms = {
        "amount": _in_range(amount),
        "debit": debit,
        "credit": credit,
        "kind": kind,
        "key": key,
        "reverses": reverses,
        "note": note,
        "details": dict(details or {}),
        "happened_at": happened_at,
    }
    return _moved(db.session.execute(MOVE, terms).one())


def move_all(moves: Sequence[Move]) -> list[Moved]:
    """Make moves that belong together: all of them, or none and the first refusal is raised."""
    if not moves:
        return []
    rows = db.session.execute(MOVE_ALL, {"moves": [_as_json(each) for each in moves]})
    return [_moved(row, position=row.n - 1) for row in rows]


def lock(ids: Iterable[UUID]) -> dict[UUID, Account]:
    """Hold accounts until the transaction ends, as they now are: for limits, before a move."""
    query = select(Account).from_statement(LOCK).execution_options(populate_existing=True)
    return {account.id: account for account in db.session.scalars(query, {"ids": list(ids)})}


def balance(account: UUID) -> Money:
    """What an account has, with what still waits on it if it is hot."""
    paise = db.session.scalar(BALANCE, {"id": account})
    if paise is None:
        raise UnknownAccount(account)
    return Money(paise)


def open_account(
    book: Book, kind: str, *, owner: UUID | None = None, floor: int | None = 0, hot: bool = False
) -> UUID:
    """Open an account. Only the world outside (``cash``, ``float:…``) may have no ``floor``."""
    terms = {"book": book, "kind": kind, "owner": owner, "floor": floor, "hot": hot}
    return db.session.execute(OPEN, terms).scalar_one()


def set_status(account: UUID, status: Status) -> None:
    """Freeze, open or close an account. Only an empty one closes, and it stays closed."""
    outcome = db.session.scalar(SET_STATUS, {"id": account, "status": status})
    if outcome == "not_empty":
        raise NotEmpty
    if outcome == "closed":
        raise AccountClosed
    if outcome != "changed":
        raise UnknownAccount(account) if outcome == "unknown_account" else InvalidMove(status)


def fold() -> int:
    """Book what waits on hot accounts, one account a transaction, so that locks are short."""
    with transaction():
        waiting = db.session.scalars(select(Pending.account_id).distinct()).all()
    folded = 0
    for account in waiting:
        with transaction():
            folded += fold_account(account)
    return folded


def fold_account(account: UUID) -> int:
    """Book what waits on one account, and hold it; the caller commits."""
    return db.session.execute(FOLD, {"id": account}).scalar_one()


def seal(book: Book) -> list[Sealed]:
    """Seal a book until nothing is left, a block a transaction; answer the new blocks."""
    sealed: list[Sealed] = []
    while True:
        with transaction():
            block = db.session.execute(SEAL, {"book": book}).one()
        if block.number is None:
            return sealed
        sealed.append(Sealed(book, block.number, bytes(block.digest)))


def _in_range(amount: Money) -> int:
    """Paise that fit a BIGINT; whether they may be moved is the function's to say."""
    if abs(amount.paise) >= 2**63:
        raise InvalidMove("invalid")
    return amount.paise


def _as_json(terms: Move) -> dict[str, Any]:
    return {
        "amount": _in_range(terms.amount),
        "debit": str(terms.debit),
        "credit": str(terms.credit),
        "kind": terms.kind,
        "key": terms.key,
        "reverses": terms.reverses and str(terms.reverses),
        "note": terms.note,
        "details": dict(terms.details),
        "happened_at": terms.happened_at and terms.happened_at.isoformat(),
    }


def _moved(row: Row[Any], *, position: int = 0) -> Moved:
    if row.outcome not in {"moved", "repeated"}:
        error = _refusal(row)
        error.position = position
        raise error
    balances = (row.debit_balance, row.credit_balance)
    debit, credit = (None if paise is None else Money(paise) for paise in balances)
    return Moved(row.transfer_id, debit, credit, repeated=row.outcome == "repeated")


def _refusal(row: Row[Any]) -> LedgerError:
    match row.outcome:
        case "insufficient":
            return InsufficientFunds(Money(row.short_by))
        case "over_reversed":
            return OverReversed(Money(row.short_by))
        case "key_reused":
            return KeyReused(row.transfer_id)
        case "frozen":
            return AccountFrozen()
        case "closed":
            return AccountClosed()
        case outcome:
            kinds = {"mismatch": Mismatch, "unknown_account": UnknownAccount}
            return kinds.get(outcome, InvalidMove)(outcome)
