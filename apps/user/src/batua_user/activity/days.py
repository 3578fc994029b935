"""Lines of a history by the day, as people in India count days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from batua_db.money import Money
from batua_db.passbook import Page
from batua_ui.filters import INDIA

from .lines import Line


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of one day; ``net`` is there when all of them are on the page."""

    date: date
    lines: Sequence[Line]
    net: Money | None


def by_day(page: Page[Line], *, first: bool) -> list[Day]:
    """Put a page's lines into days. ``first``: nothing newer comes before it."""
    groups = [
        (day, list(lines))
        for day, lines in groupby(page.lines, lambda line: line.at.astimezone(INDIA).date())
    ]
    last = len(groups) - 1
    return [
        Day(day, lines, _net(lines) if _whole(n, last, page, first) else None)
        for n, (day, lines) in enumerate(groups)
    ]


def _whole(n: int, last: int, page: Page[Line], first: bool) -> bool:
    """A day at the edge of a page may go on beyond it."""
    return (n > 0 or first) and (n < last or page.older is None)


def _net(lines: Sequence[Line]) -> Money:
    return sum((line.amount for line in lines), Money(0))
