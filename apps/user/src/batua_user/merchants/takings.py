"""What a business took by the day, as people in India count days, and a drawing of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date

from batua_db.models.payments import Merchant
from batua_db.money import Money
from batua_user import day_totals
from batua_user.limits.periods import today

DAYS = 7
# The drawing, in its own units: bars stand on the floor, below it their days.
LEFT, FLOOR, TALLEST, STEP = 72, 180, 160, 82


@dataclass(frozen=True, slots=True)
class Day:
    """A day's takings, without what was given back of them, and how many paid."""

    date: date
    amount: Money
    payments: int

    @property
    def title(self) -> str:
        """``Thu``, and ``Today``."""
        return "Today" if self.date == today() else format_date(self.date, "EEE", locale="en_IN")


@dataclass(frozen=True, slots=True)
class Bar:
    """A day as it is drawn; ``value`` is written above those that stand out."""

    day: Day
    x: int
    height: int
    value: str

    @property
    def y(self) -> int:
        """Where it ends above."""
        return FLOOR - self.height


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, with what their scale goes up to."""

    bars: Sequence[Bar]
    most: Money

    @property
    def highest(self) -> Day:
        """The best day."""
        return max((bar.day for bar in self.bars), key=lambda day: day.amount)

    def scale(self, part: int) -> str:
        """What stands beside a line: the top one, or the one at half of it."""
        return short(Money(self.most.paise // part))


def by_day(merchant: Merchant, *, days: int = DAYS) -> list[Day]:
    """The takings of the last days, today's last; on a day without payments they are nothing."""
    found = {total.day: total for total in day_totals.of_merchant(merchant.id, days=days)}
    last = today()
    dates = [last - timedelta(days=n) for n in reversed(range(days))]
    return [Day(*found.get(at, (at, Money(0), 0))) for at in dates]


def draw(days: Sequence[Day]) -> Chart:
    """Turn days into bars below a round number."""
    most = _round_up(max(day.amount for day in days))
    best = max(days, key=lambda day: day.amount)
    bars = [
        Bar(
            day,
            LEFT + n * STEP,
            round(day.amount.paise * TALLEST / most.paise),
            short(day.amount) if day.amount and day in {best, days[-1]} else "",
        )
        for n, day in enumerate(days)
    ]
    return Chart(bars, most)


def short(amount: Money) -> str:
    """An amount as it fits above a bar: ``₹850``, ``₹18.4k``, ``₹2.5L``."""
    rupees = amount.paise // 100
    for size, sign in ((1_00_000, "L"), (1000, "k")):
        if rupees >= size:
            tenths = rupees * 10 // size
            whole, tenth = divmod(tenths, 10)
            return f"₹{whole}.{tenth}{sign}" if tenth else f"₹{whole}{sign}"
    return f"₹{rupees}"


def _round_up(amount: Money) -> Money:
    """The next of 1, 2, 2.5, 5 and 10, with as many noughts as it takes; at least ₹100."""
    size = 100_00
    while True:
        for step in (10, 20, 25, 50):
            if amount.paise <= size * step // 10:
                return Money(size * step // 10)
        size *= 10
