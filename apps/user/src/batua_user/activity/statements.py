"""A month on paper: what was there, what came, what went, and what is there now.

It adds up, or there is none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from babel.dates import format_date
from sqlalchemy import select

from batua_config import logs
from batua_db.database import db
from batua_db.errors import NotFound, Refused, Unavailable
from batua_db.models.ledger import Entry
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_ui.filters import INDIA

from . import queries
from .lines import Line
from .queries import Flow
from .wanted import Wanted

MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])", re.ASCII)
MOST = 1000  # lines: some fifty pages, a second's work
SHOWN = 12  # months on the page of the history

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month; ``so_far`` while it lasts."""

    first: date
    so_far: bool

    @property
    def name(self) -> str:
        """Its name in addresses: ``2026-11``."""
        return f"{self.first:%Y-%m}"

    @property
    def title(self) -> str:
        """``November 2026``."""
        return format_date(self.first, "MMMM y", locale="en_IN")

    @property
    def last(self) -> date:
        """Its last day."""
        return (self.first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Statement:
    """A month of one person. ``lines`` are the oldest first."""

    name: str
    phone: str
    month: Month
    opening: Money
    flow: Flow
    closing: Money
    lines: Sequence[Line]
    made_at: datetime


def months(user: User) -> list[Month]:
    """The months of the last year that a wallet was there, newest first."""
    found = [_month(datetime.now(INDIA).date())]
    while len(found) < SHOWN and found[-1].first > _opened(user):
        found.append(_month(found[-1].first - timedelta(days=1)))
    return found


def find_month(user: User, name: str) -> Month:
    """The month of this name, if the wallet was there in it."""
    if MONTH.fullmatch(name):
        month = _month(date.fromisoformat(f"{name}-01"))
        if _opened(user) <= month.first <= datetime.now(INDIA).date():
            return month
    raise NotFound("There is no statement for this month.")


def of(user: User, month: Month) -> Statement:
    """The statement of a month. One that does not add up is refused."""
    account = user.account_id
    days = Wanted(since=month.first, until=month.last)
    low, high = queries.span(account, days)
    if high - low > MOST:
        raise Refused(
            f"{month.title} has more than {MOST} lines, too many for paper."
            " Choose its days in your history, and take them as CSV."
        )
    lines = queries.sifted(account, days, low, high)[::-1]
    statement = Statement(
        name=user.name,
        phone=user.phone,
        month=month,
        opening=_balance_at(account, low),
        flow=queries.flow(line.amount for line in lines),
        closing=_balance_at(account, high),
        lines=lines,
        made_at=datetime.now(INDIA),
    )
    if not adds_up(statement):
        log.error("a statement does not add up", account_id=str(account), name=month.name)
        raise Unavailable(
            "This statement does not add up, so we do not show it. We were told, and look into it.",
            retry_after=3600,
        )
    return statement


def adds_up(statement: Statement) -> bool:
    """Whether opening + in − out = closing, and each balance follows from the one before."""
    balance = statement.opening
    for line in statement.lines:
        balance += line.amount
        if balance != line.balance:
            return False
    flow = statement.flow
    return balance == statement.closing == statement.opening + flow.came_in - flow.went_out


def _month(day: date) -> Month:
    first = day.replace(day=1)
    return Month(first, so_far=first == datetime.now(INDIA).date().replace(day=1))


def _opened(user: User) -> date:
    """The first day of the month in which the wallet was opened."""
    return user.created_at.astimezone(INDIA).date().replace(day=1)


def _balance_at(account: UUID, version: int) -> Money:
    """What was there after so many entries."""
    line = (Entry.account_id == account, Entry.version == version)
    return db.session.scalar(select(Entry.balance).where(*line)) or Money(0)
