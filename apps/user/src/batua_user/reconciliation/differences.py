"""What a bank's statement and our book do not have in common yet, kept while they differ.

Each side adds what it has newly got. Where the sums of a reference are the same, nothing is
left to remember: at rest there is no row.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, delete, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from batua_db.database import db
from batua_db.models.desk import BankStatement, Difference
from batua_db.money import Money, MoneyColumn
from batua_db.reconciliation import Name

Side = Literal["moved", "booked"]


class Movement(NamedTuple):
    """Paise in, or out below zero, under a reference; ``at`` by the clock of the side it is of."""

    reference: str
    amount: int
    at: datetime


def hold(code: str) -> BankStatement:
    """How far a bank is compared, held until the transaction ends: one worker at a time."""
    first = insert(BankStatement).values(bank_code=code, balance=Money(0)).on_conflict_do_nothing()
    db.session.execute(first)
    query = select(BankStatement).where(BankStatement.bank_code == code).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def add(code: str, side: Side, movements: Iterable[Movement]) -> None:
    """Add what a side has newly got, and forget what is now the same on both."""
    if rows := [_row(code, side, *each) for each in _sums(movements).items()]:
        _add(side, rows)
        _forget(code, [(row["reference"], row["way"]) for row in rows])


def start_over(code: str) -> None:
    """Forget how far a bank was compared. The caller holds its statement."""
    db.session.execute(delete(Difference).where(Difference.bank_code == code))
    statement = db.session.get_one(BankStatement, code)
    statement.cursor, statement.balance = None, Money(0)
    statement.booked, statement.complete = 0, False


def _sums(movements: Iterable[Movement]) -> dict[Name, Movement]:
    found: dict[Name, Movement] = {}
    for each in movements:
        name = Name(each.reference, each.amount < 0)
        before = found.get(name, Movement(each.reference, 0, each.at))
        found[name] = Movement(each.reference, before.amount + each.amount, each.at)
    return found


def _row(code: str, side: Side, name: Name, sum_: Movement) -> dict[str, Any]:
    way = "out" if name.out else "in"
    row = {"bank_code": code, "reference": name.reference, "way": way, side: Money(sum_.amount)}
    if side == "booked":
        return row | {"booked_at": sum_.at}
    return row | {"happened_at": sum_.at, "moved_at": func.clock_timestamp()}


def _add(side: Side, rows: list[dict[str, Any]]) -> None:
    row = insert(Difference).values(rows)
    changes: dict[str, ColumnElement[Any]] = {name: row.excluded[name] for name in rows[0]}
    column = Difference.moved if side == "moved" else Difference.booked
    changes[side] = func.coalesce(column, literal(Money(0), MoneyColumn)) + row.excluded[side]
    key = (Difference.bank_code, Difference.reference, Difference.way)
    db.session.execute(row.on_conflict_do_update(index_elements=key, set_=changes))


def _forget(code: str, names: list[tuple[str, str]]) -> None:
    named = tuple_(Difference.reference, Difference.way).in_(names)
    same = (Difference.bank_code == code, named, Difference.moved == Difference.booked)
    db.session.execute(delete(Difference).where(*same).execution_options(synchronize_session=False))
