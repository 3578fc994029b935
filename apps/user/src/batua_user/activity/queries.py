"""What a person's history reads: their own entries, in the order of their account."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from uuid import UUID

from sqlalchemy import select

from batua_db import passbook
from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.ledger import Entry
from batua_db.models.wallet import User
from batua_db.passbook import Flow, Page
from batua_ui.months import begins, ends

from . import lines
from .lines import Line, Raw
from .wanted import Wanted

A_PAGE = 30
LOOK_AT = 2000  # entries, for one page of a search
AT_ONCE = 500


def history(user: User, *, after: int | None = None, most: int = A_PAGE) -> Page[Line]:
    """My lines, newest first; ``after`` is the version of the last one seen."""
    return search(user, Wanted(), after=after, most=most)


def search(
    user: User, wanted: Wanted, *, after: int | None = None, most: int = A_PAGE
) -> Page[Line]:
    """My lines that are ``wanted``, newest first; a search looks at so many at a time."""
    account = user.account_id
    low, high = span(account, wanted)
    top = high if after is None else min(high, after - 1)
    if wanted.sifts:
        depth = passbook.Depth(LOOK_AT, AT_ONCE)
        find = partial(sifted, account, wanted)
        return passbook.sift(find, account, (low, high), top, most, depth)
    return passbook.page(partial(_named, account), (low, high), top, most)


def span(account: UUID, wanted: Wanted) -> tuple[int, int]:
    """The versions ``(low, high]`` of the days that are wanted."""
    since = None if wanted.since is None else begins(wanted.since)
    return passbook.span(account, since, None if wanted.until is None else ends(wanted.until))


def before(account: UUID, day: date) -> int:
    """The version of the last entry before ``day`` began in India; 0 if there is none."""
    return passbook.before(account, begins(day))


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
    low, high = before(account, day), passbook.count(account)
    if high - low > most:
        return None
    mine = (Entry.account_id == account, Entry.version > low, Entry.version <= high)
    return passbook.flow(db.session.scalars(select(Entry.amount).where(*mine)))


def _named(account: UUID, low: int, high: int) -> list[Line]:
    return lines.named(_rows(account, low, high))


def _rows(account: UUID, low: int, high: int) -> Sequence[Raw]:
    """The entries with versions ``(low, high]``, newest first."""
    mine = lines.of_account(account).where(Entry.version > low, Entry.version <= high)
    return db.session.execute(mine.order_by(Entry.version.desc())).all()
