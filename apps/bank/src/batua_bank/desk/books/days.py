"""The report of one bank's day in India: what each kind of account began with, and what moved.

It is computed from transfers, which nothing changes, by the time at which they were written;
so the report of a day that is over stays as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, select

from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.bank import Bank
from batua_db.models.ledger import Account, Transfer
from batua_db.money import Money
from batua_ui.filters import INDIA

from .places import CASH, CUSTOMERS, legs, paise, places, waiting
from .queries import clients, label

# Whoever began to write before midnight has long written or given up.
SETTLES = timedelta(minutes=5)
# A transfer's id begins with its time; the two are told to the millisecond, a moment apart.
A_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """A kind of account over the day."""

    label: str
    opening: Money
    came: Money
    went: Money

    @property
    def closing(self) -> Money:
        """What it ended with."""
        return self.opening + self.came - self.went


@dataclass(frozen=True, slots=True)
class Flow:
    """One way that money took: how often, and how much."""

    label: str
    count: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Day:
    """The report; ``over`` says that it will stay as it is."""

    bank: Bank
    on: date
    over: bool
    standings: Sequence[Standing]
    flows: Sequence[Flow]

    @property
    def before(self) -> date:
        """The day before."""
        return self.on - timedelta(days=1)

    @property
    def after(self) -> date:
        """The day after."""
        return self.on + timedelta(days=1)


def today() -> date:
    """The day it is in India."""
    return datetime.now(UTC).astimezone(INDIA).date()


def day(code: str, of: date) -> Day:
    """The report of a bank's day; raises ``NotFound`` for a bank or a day that is not there."""
    bank = db.session.get(Bank, code)
    if bank is None or of > today() or of.year < 2020:
        raise NotFound("There is no such day at a bank of ours.")
    begins, ends = _midnight(of), _midnight(of + timedelta(days=1))
    over = datetime.now(UTC) >= ends + SETTLES
    return Day(bank, of, over, _standings(code, begins, ends), _flows(code, begins, ends))


def _midnight(of: date) -> datetime:
    return datetime.combine(of, time(), INDIA)


def _since(at: datetime) -> UUID:
    """The lowest id that a transfer written at ``at`` could have."""
    milliseconds = int((at - A_MOMENT).timestamp() * 1000)
    return UUID(int=milliseconds << 80)


def _standings(code: str, begins: datetime, ends: datetime) -> list[Standing]:
    """Backwards from what is there now, so that a day costs what moved since, and no more."""
    place = places()
    moved = legs(Transfer.id >= _since(begins), Transfer.created_at >= begins)
    within = moved.c.at < ends
    sums = (
        select(
            moved.c.account,
            func.sum(moved.c.amount).label("since"),
            func.sum(moved.c.amount).filter(within & (moved.c.amount > 0)).label("came"),
            func.sum(-moved.c.amount).filter(within & (moved.c.amount < 0)).label("went"),
        )
        .group_by(moved.c.account)
        .subquery()
    )
    waits = waiting()
    now = paise(Account.balance) + paise(waits.c.amount)
    rows = db.session.execute(
        select(
            place.c.kind,
            paise(func.sum(now - paise(sums.c.since))),
            paise(func.sum(sums.c.came)),
            paise(func.sum(sums.c.went)),
        )
        .join(Account, Account.id == place.c.account)
        .outerjoin(sums, sums.c.account == place.c.account)
        .outerjoin(waits, waits.c.account_id == place.c.account)
        .where(place.c.bank == code)
        .group_by(place.c.kind)
        .order_by(place.c.kind.startswith(":"), place.c.kind)
    )
    named = clients()
    return [Standing(label(kind, named), *map(Money, sums)) for kind, *sums in rows]


def _flows(code: str, begins: datetime, ends: datetime) -> list[Flow]:
    place = places()
    left, reached = place.alias("left_place"), place.alias("reached_place")
    rows = db.session.execute(
        select(
            Transfer.kind,
            left.c.bank,
            left.c.kind,
            reached.c.bank,
            reached.c.kind,
            func.count(),
            paise(func.sum(Transfer.amount)),
        )
        .join(left, left.c.account == Transfer.debit_account)
        .join(reached, reached.c.account == Transfer.credit_account)
        .where(
            Transfer.id >= _since(begins),
            Transfer.created_at >= begins,
            Transfer.created_at < ends,
            (left.c.bank == code) | (reached.c.bank == code),
        )
        .group_by(Transfer.kind, left.c.bank, left.c.kind, reached.c.bank, reached.c.kind)
        .order_by(Transfer.kind, left.c.kind, reached.c.kind, left.c.bank, reached.c.bank)
    )
    named = clients()
    flows: list[Flow] = []
    for kind, out_of, debit, into, credit, count, amount in rows:
        sides = [
            label(side, named) + ("" if bank == code else f" at {bank}")
            for side, bank in ((debit, out_of), (credit, into))
        ]
        flows.append(Flow(f"{_verb(kind, debit)}: {sides[0]} → {sides[1]}", count, Money(amount)))
    return flows


def _verb(kind: str, debit: str) -> str:
    if kind == "cash":
        return "Cash paid in" if debit == CASH else "Cash paid out"
    names = {"payment": "Payments", "refund": "Refunds", "payout": "Payouts"}
    return names.get(kind, "Reversals" if debit in {CASH, CUSTOMERS} else kind.capitalize())
