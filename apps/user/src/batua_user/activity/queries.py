"""What a person's history reads: their own entries, in the order of their account.

Versions count the entries of an account without a gap, and their times are in the same
order. So a page is a range of versions, and a day is found by halving, not by looking.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select, text

from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.ledger import Account, Entry
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_ui.filters import INDIA

from . import lines
from .lines import Line, Raw
from .wanted import Wanted

A_PAGE = 30
LOOK_AT = 2000  # entries, for one page of a search
AT_ONCE = 500

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


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines of a history, and where the next older ones begin.

    ``of``: so many lines the days have. ``looked_back_to``: a search stopped there, and may
    find more further back.
    """

    lines: Sequence[Line]
    older: int | None
    of: int
    looked_back_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """What came and went."""

    came_in: Money
    went_out: Money


def history(user: User, *, after: int | None = None, most: int = A_PAGE) -> Page:
    """My lines, newest first; ``after`` is the version of the last one seen."""
    return search(user, Wanted(), after=after, most=most)


def search(user: User, wanted: Wanted, *, after: int | None = None, most: int = A_PAGE) -> Page:
    """My lines that are ``wanted``, newest first; a search looks at so many at a time."""
    account = user.account_id
    low, high = span(account, wanted)
    top = high if after is None else min(high, after - 1)
    if wanted.sifts:
        return _sift(account, wanted, (low, high), top, most)
    rows = _rows(account, max(low, top - most), top)
    older = top - most + 1 if top - most > low else None
    return Page(lines.named(rows), older, high - low)


def span(account: UUID, wanted: Wanted) -> tuple[int, int]:
    """The versions ``(low, high]`` of the days that are wanted."""
    low = 0 if wanted.since is None else before(account, wanted.since)
    if wanted.until is None:
        return low, _count(account)
    return low, before(account, wanted.until + timedelta(days=1))


def before(account: UUID, day: date) -> int:
    """The version of the last entry before ``day`` began in India; 0 if there is none."""
    at = datetime.combine(day, time(), INDIA)
    return db.session.scalars(BEFORE, {"account": account, "at": at}).one()


def sifted(account: UUID, wanted: Wanted, low: int, high: int) -> list[Line]:
    """The lines with versions ``(low, high]`` that are wanted, newest first."""
    rows = [row for row in _rows(account, low, high) if wanted.is_of_kind(row)]
    return list(filter(wanted.finds, lines.named(rows)))


def find(user: User, transfer_id: UUID) -> Line:
    """One line of mine; a transfer between others is not there."""
    mine = lines.of_account(user.account_id)
    row = db.session.execute(mine.where(Entry.transfer_id == transfer_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such receipt, or it is not yours to see.")
    return lines.named([row])[0]


def flow_since(user: User, day: date, *, most: int = 1000) -> Flow | None:
    """What came and went since ``day``, if that is not more than ``most`` lines."""
    account = user.account_id
    low, high = before(account, day), _count(account)
    if high - low > most:
        return None
    mine = (Entry.account_id == account, Entry.version > low, Entry.version <= high)
    return flow(db.session.scalars(select(Entry.amount).where(*mine)))


def flow(amounts: Iterable[Money]) -> Flow:
    """The sums of what came and of what went."""
    paise = [amount.paise for amount in amounts]
    came_in = sum(each for each in paise if each > 0)
    return Flow(Money(came_in), Money(came_in - sum(paise)))


def _sift(account: UUID, wanted: Wanted, within: tuple[int, int], top: int, most: int) -> Page:
    """Look through the entries from ``top`` down, until the page is full or it is enough."""
    (low, high), found = within, list[Line]()
    stop = max(low, top - LOOK_AT)
    for upper in range(top, stop, -AT_ONCE):
        found += sifted(account, wanted, max(stop, upper - AT_ONCE), upper)
        if len(found) > most:
            return Page(found[:most], found[most - 1].version, high - low)
    if stop > low:
        at = _rows(account, stop, stop + 1)[0].created_at
        return Page(found, stop + 1, high - low, looked_back_to=at)
    return Page(found, None, high - low)


def _rows(account: UUID, low: int, high: int) -> Sequence[Raw]:
    """The entries with versions ``(low, high]``, newest first."""
    mine = lines.of_account(account).where(Entry.version > low, Entry.version <= high)
    return db.session.execute(mine.order_by(Entry.version.desc())).all()


def _count(account: UUID) -> int:
    """How many entries an account has."""
    return db.session.scalars(select(Account.version).where(Account.id == account)).one()
