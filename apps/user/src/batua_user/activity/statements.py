"""A month on paper: what was there, what came, what went, and what is there now.

It adds up, or there is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from batua_config import logs
from batua_db import passbook
from batua_db.errors import NotFound, Refused, Unavailable
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_db.passbook import Flow
from batua_ui.filters import INDIA
from batua_ui.months import Month, months_since
from batua_ui.months import find_month as named

from . import queries
from .lines import Line
from .wanted import Wanted

MOST = 1000  # lines: some fifty pages, a second's work
SHOWN = 12  # months on the page of the history

log = logs.get(__name__)


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
    return months_since(user.created_at, SHOWN)


def find_month(user: User, name: str) -> Month:
    """The month of this name, if the wallet was there in it."""
    month = named(name, user.created_at)
    if month is None:
        raise NotFound("There is no statement for this month.")
    return month


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
        opening=passbook.balance_at(account, low),
        flow=passbook.flow(line.amount for line in lines),
        closing=passbook.balance_at(account, high),
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
    flow = statement.flow
    sums = statement.opening + flow.came_in - flow.went_out
    follows = passbook.adds_up(statement.opening, statement.lines, statement.closing)
    return follows and statement.closing == sums
