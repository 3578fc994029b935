"""The days on which limits begin to count anew, as India counts them."""

from datetime import UTC, date, datetime

from batua_ui.filters import INDIA

APRIL = 4


def today() -> date:
    """The day it is in India."""
    return datetime.now(UTC).astimezone(INDIA).date()


def month(day: date) -> date:
    """The first of its month."""
    return day.replace(day=1)


def financial_year(day: date) -> date:
    """The first of April that it comes after."""
    year = day.year if day.month >= APRIL else day.year - 1
    return date(year, APRIL, 1)
