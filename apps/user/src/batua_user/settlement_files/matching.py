"""A day by reference: what the file moved under each name, and what our float booked under it.

What both moved alike is forgotten at once. What is open at the end of a day is carried into
the next: money in flight over midnight is booked there, and then nothing is left of it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from batua_db.database import db
from batua_db.models.desk import BankEntry, BankStatement
from batua_db.models.payments import Payout
from batua_db.models.statements import DayWhat, SettlementItem
from batua_db.models.wallet import Topup
from batua_db.money import Money
from batua_db.reconciliation import ON_ITS_WAY, Leg, Name, judge, name_of
from batua_user.bank.values import StatementLine, read_reference
from batua_user.reconciliation import matching
from batua_user.reconciliation.differences import Movement

Terms = dict[str, object]


class Open(NamedTuple):
    """What a name moved at the bank and in our book, in paise, and when it last did."""

    moved: int
    booked: int
    at: datetime


class Names:
    """The names that differ, as far as both sides were added."""

    def __init__(self, carried: Mapping[Name, Open], *, only: bool = False) -> None:
        self.open = dict(carried)
        self._known = frozenset(carried) if only else None  # others are none of our business

    def move(self, lines: Iterable[StatementLine]) -> None:
        """Add lines of the bank's."""
        for line in lines:
            self._add(name_of(line.reference, line.id), line.amount.paise, 0, line.at)

    def book(self, movements: Iterable[Movement]) -> None:
        """Add lines of our book."""
        for each in movements:
            self._add(each.reference, 0, each.amount, each.at)

    def move_later(self, code: str, number: int) -> None:
        """Add what the bank's statement has of the known names after a line."""
        references = [name.reference for name in self._known or ()]
        later = select(BankEntry).where(
            BankEntry.bank_code == code,
            BankEntry.number > number,
            BankEntry.reference == func.any(references),
        )
        for row in db.session.scalars(later):
            self._add(name_of(row.reference, row.entry_id), row.amount.paise, 0, row.happened_at)

    def _add(self, reference: str, moved: int, booked: int, at: datetime) -> None:
        name = Name(reference, moved + booked < 0)
        if self._known is not None and name not in self._known:
            return
        before = self.open.get(name, Open(0, 0, at))
        now = Open(before.moved + moved, before.booked + booked, max(before.at, at))
        if now.moved == now.booked:
            self.open.pop(name, None)
        else:
            self.open[name] = now


def book(names: Names, account: UUID, after: int, upto: int) -> None:
    """Add the lines of a float from ``after`` to ``upto``, some at a time."""
    while lines := matching.booked(account, after=after, upto=upto):
        names.book(movement for _, movement in lines)
        after = lines[-1][0]


def judge_day(names: Names, later: Names, statement: BankStatement) -> list[Terms]:
    """Each name that is open at the end of a day, and what became of it since."""
    now = db.session.scalars(select(func.clock_timestamp())).one()
    found: list[tuple[Name, Open, DayWhat, bool]] = []
    for name, each in names.open.items():
        what: DayWhat = "over midnight"
        wrong = False
        if after := later.open.get(name):
            fresh = after.at >= statement.read_at  # the bank was not asked since
            age = 0 if fresh else int((now - after.at).total_seconds())
            here = Leg(after.booked, age) if after.booked else None
            there = Leg(after.moved, age) if after.moved else None
            item = judge(name, here, there, ON_ITS_WAY)
            what, wrong = _words(item.what if item else ""), bool(item and item.wrong)
        found.append((name, each, what, wrong))
    awaited = _awaited(name for name, _, what, _ in found if what == "not booked")
    return [
        _terms(name, each, "awaited" if name in awaited else what, wrong and name not in awaited)
        for name, each, what, wrong in found
    ]


def carried(items: Iterable[SettlementItem]) -> dict[Name, Open]:
    """What was open at the end of the day before."""
    return {
        Name(item.reference, item.way == "out"): Open(item.moved.paise, item.booked.paise, item.at)
        for item in items
        if item.line is None
    }


def _words(what: str) -> DayWhat:
    match what:
        case "not booked" | "missing at the bank" | "amounts differ":
            return what
        case _:
            return "on its way"


def _terms(name: Name, each: Open, what: DayWhat, wrong: bool) -> Terms:
    return {
        "what": what,
        "reference": name.reference,
        "way": "out" if name.out else "in",
        "line": None,
        "moved": Money(each.moved),
        "booked": Money(each.booked),
        "at": each.at,
        "wrong": wrong,
    }


def _awaited(names: Iterable[Name]) -> set[Name]:
    """Those that an operation of ours will book: its news is late, and nothing else is wrong."""
    wanted = {read_reference(name.reference): name for name in names}
    wanted.pop(None, None)
    ours = db.session.execute(
        select(Payout.id, Payout.state).where(Payout.id.in_(wanted), Payout.state == "in_flight")
    ).all()
    outs = {id_ for id_, _ in ours}
    topups = db.session.execute(select(Topup.id, Topup.state).where(Topup.id.in_(wanted))).all()
    outs |= {id_ for id_, state in topups if state == "captured"}
    ins = {id_ for id_, state in topups if state in {"pending", "expired", "failed"}}
    return {name for id_, name in wanted.items() if id_ in (outs if name.out else ins)}
