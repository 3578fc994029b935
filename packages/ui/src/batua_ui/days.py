"""Days as India counts them: from midnight to midnight there, whatever the clock's zone."""

from datetime import date, datetime, time, timedelta

from .filters import INDIA

A_DAY = timedelta(days=1)


def bounds(day: date) -> tuple[datetime, datetime]:
    """When a day begins, and when it is over."""
    begins = datetime.combine(day, time(), INDIA)
    return begins, begins + A_DAY


def day_of(at: datetime) -> date:
    """The day that it was in India."""
    return at.astimezone(INDIA).date()
