"""Days and months as people in India count them."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from babel.dates import format_date

from .filters import INDIA, LOCALE

NAME = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])", re.ASCII)


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
        return format_date(self.first, "MMMM y", locale=LOCALE)

    @property
    def last(self) -> date:
        """Its last day."""
        return (self.first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def begins(day: date) -> datetime:
    """When a day begins."""
    return datetime.combine(day, time(), INDIA)


def ends(day: date) -> datetime:
    """When it is over: the next one begins."""
    return begins(day + timedelta(days=1))


def month_of(day: date) -> Month:
    """The month that a day is in."""
    first = day.replace(day=1)
    return Month(first, so_far=first == _today().replace(day=1))


def months_since(opened: datetime, most: int) -> list[Month]:
    """The latest months since something was opened, newest first."""
    found = [month_of(_today())]
    while len(found) < most and found[-1].first > opened.astimezone(INDIA).date():
        found.append(month_of(found[-1].first - timedelta(days=1)))
    return found


def find_month(name: str, opened: datetime) -> Month | None:
    """The month of this name, if it has begun and something was open in it."""
    if not NAME.fullmatch(name):
        return None
    month = month_of(date.fromisoformat(f"{name}-01"))
    first = opened.astimezone(INDIA).date().replace(day=1)
    return month if first <= month.first <= _today() else None


def _today() -> date:
    return datetime.now(INDIA).date()
