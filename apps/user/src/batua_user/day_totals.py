"""What a merchant took on each of the last days, less what was given back of it.

Days that are over change only when something paid on them is given back, so they are cached;
today is counted each time.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Date, cast, func, select

from batua_db.database import db
from batua_db.models.payments import Payment
from batua_db.money import Money
from batua_ui.filters import INDIA

from .cache import Key, cache
from .limits.periods import today

LIVES = timedelta(minutes=10)  # how long a refund may be missing if Redis did not hear of it
SETTLED = timedelta(minutes=1)  # after midnight, what was paid before it is committed

Row = tuple[str, int, int]


class DayTotal(NamedTuple):
    """A day on which somebody paid: what is kept of it, and by how many payments."""

    day: date
    amount: Money
    payments: int


def of_merchant(merchant_id: UUID, *, days: int) -> list[DayTotal]:
    """The totals of the last ``days``, today's last; days without a payment are left out."""
    first, open_ = today() - timedelta(days=days - 1), _first_open()
    kept = Key("day-totals", merchant_id, f"{first}:{open_}")
    over = cache.read(kept, lambda: _count(merchant_id, first, open_), lives=LIVES)
    rows = [*over, *_count(merchant_id, max(first, open_), today() + timedelta(days=1))]
    return [DayTotal(date.fromisoformat(day), Money(paise), n) for day, paise, n in rows]


def changed(merchant_id: UUID) -> None:
    """Something of a day that is over was given back. Call it once that is committed."""
    cache.forget(Key("day-totals", merchant_id))


def _first_open() -> date:
    """The first day that may still get a payment."""
    return (datetime.now(UTC) - SETTLED).astimezone(INDIA).date()


def _count(merchant_id: UUID, first: date, until: date) -> list[Row]:
    """The days from ``first`` up to ``until``, which is not among them."""
    day = cast(func.timezone(INDIA.key, Payment.paid_at), Date).label("day")
    kept = cast(func.sum(Payment.amount - Payment.refunded), BigInteger)
    rows = db.session.execute(
        select(day, kept, func.count())
        .where(
            Payment.merchant_id == merchant_id,
            Payment.paid_at >= datetime.combine(first, time(), INDIA),
            Payment.paid_at < datetime.combine(until, time(), INDIA),
        )
        .group_by(day)
        .order_by(day)
    )
    return [(at.isoformat(), paise, n) for at, paise, n in rows]
