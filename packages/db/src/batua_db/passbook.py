"""Reads of one account in its order: what a history, a statement and their exports stand on.

Versions count the entries of an account without a gap, and their times are in the same
order. So a page is a range of versions, and a day is found by halving, not by looking.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import select, text

from .database import db
from .models.ledger import Account, Entry
from .money import Money

BEFORE = text(
    "WITH RECURSIVE look (low, high) AS ("
    " SELECT CAST(0 AS bigint), version FROM ledger.account WHERE id = :account"
    " UNION ALL"
    " SELECT CASE WHEN created_at < :at THEN version ELSE low END,"
    "  CASE WHEN created_at < :at THEN high ELSE version - 1 END"
    " FROM look JOIN ledger.entry ON account_id = :account AND version = (low + high + 1) / 2"
    " WHERE low < high"
    ") SELECT low FROM look WHERE low >= high"
)


class Numbered(Protocol):
    """A line of a passbook."""

    @property
    def version(self) -> int:
        """Its number, from 1."""
        ...


class Changing(Protocol):
    """A line that changes a balance."""

    @property
    def amount(self) -> Money:
        """What came (above zero) or went."""
        ...

    @property
    def balance(self) -> Money:
        """What was there after it."""
        ...


L = TypeVar("L", bound=Numbered)
Find = Callable[[int, int], list[L]]  # the wanted lines of the versions ``(low, high]``


@dataclass(frozen=True, slots=True)
class Page(Generic[L]):
    """Some lines of a history, and where the next older ones begin.

    ``of``: so many lines the days have. ``looked_back_to``: a search stopped there, and may
    find more further back.
    """

    lines: Sequence[L]
    older: int | None
    of: int
    looked_back_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """What came and went."""

    came_in: Money
    went_out: Money


@dataclass(frozen=True, slots=True)
class Depth:
    """How far a search looks: so many entries for a page, so many at a time."""

    look_at: int
    at_once: int


def before(account: UUID, at: datetime) -> int:
    """The version of the last entry before ``at``; 0 if there is none."""
    return db.session.scalars(BEFORE, {"account": account, "at": at}).one()


def ends_before(account: UUID, at: datetime, *, after: int, upto: int) -> int:
    """The number of the last of the lines ``after`` to ``upto`` that comes before ``at``.

    The first line that is not before it ends them, even if a clock was set back later: so a
    division never has a gap, and never changes.
    """
    later = (
        select(Entry.version)
        .where(Entry.account_id == account, Entry.version > after, Entry.version <= upto)
        .where(Entry.created_at >= at)
        .order_by(Entry.version)
        .limit(1)
    )
    first = db.session.scalar(later)
    return upto if first is None else first - 1


def span(account: UUID, since: datetime | None, until: datetime | None) -> tuple[int, int]:
    """The versions ``(low, high]`` from ``since`` on, and before ``until``."""
    low = 0 if since is None else before(account, since)
    return low, count(account) if until is None else before(account, until)


def count(account: UUID) -> int:
    """How many entries an account has."""
    return db.session.scalars(select(Account.version).where(Account.id == account)).one()


def balance_at(account: UUID, version: int) -> Money:
    """What was there after so many entries."""
    line = (Entry.account_id == account, Entry.version == version)
    return db.session.scalar(select(Entry.balance).where(*line)) or Money(0)


def flow(amounts: Iterable[Money]) -> Flow:
    """The sums of what came and of what went."""
    paise = [amount.paise for amount in amounts]
    came_in = sum(each for each in paise if each > 0)
    return Flow(Money(came_in), Money(came_in - sum(paise)))


def adds_up(opening: Money, lines: Iterable[Changing], closing: Money) -> bool:
    """Whether each balance follows from the one before, from the first to the last."""
    balance = opening
    for line in lines:
        balance += line.amount
        if balance != line.balance:
            return False
    return balance == closing


def page(find: Find[L], within: tuple[int, int], top: int, most: int) -> Page[L]:
    """The newest lines up to version ``top``, of which all are wanted."""
    low, high = within
    older = top - most + 1 if top - most > low else None
    return Page(find(max(low, top - most), top), older, high - low)


def sift(
    find: Find[L], account: UUID, within: tuple[int, int], top: int, most: int, depth: Depth
) -> Page[L]:
    """Look through the entries from ``top`` down, until the page is full or it is enough."""
    (low, high), found = within, list[L]()
    stop = max(low, top - depth.look_at)
    for lower, upper in slices(stop, top, depth.at_once):
        found += find(lower, upper)
        if len(found) > most:
            return Page(found[:most], found[most - 1].version, high - low)
    if stop > low:
        last = (Entry.account_id == account, Entry.version == stop + 1)
        at = db.session.scalars(select(Entry.created_at).where(*last)).one()
        return Page(found, stop + 1, high - low, looked_back_to=at)
    return Page(found, None, high - low)


def slices(low: int, high: int, at_once: int) -> Iterator[tuple[int, int]]:
    """Cut ``(low, high]`` into pieces, the newest first."""
    for upper in range(high, low, -at_once):
        yield max(low, upper - at_once), upper
