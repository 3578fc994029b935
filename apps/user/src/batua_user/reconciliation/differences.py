"""What a bank's statement and our book do not have in common yet, kept while they differ.

Each side adds what it has newly got. Where the sums of a reference are the same, nothing is
left to remember: at rest there is no row.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from batua_db.database import db
from batua_db.models.desk import BankStatement, Difference
from batua_db.money import Money
from batua_db.reconciliation import Name

Side = Literal["moved", "booked"]

# Whole pages at once: as arrays they are five parameters, and one plan.
NEW = (
    " FROM unnest(CAST(:references AS text[]), CAST(:ways AS text[]), CAST(:amounts AS bigint[]),"
    " CAST(:times AS timestamptz[])) AS new (reference, way, amount, at)"
    " ON CONFLICT (bank_code, reference, way) DO UPDATE SET"
)
ADD = {
    "moved": text(
        "INSERT INTO wallet.difference AS d"
        " (bank_code, reference, way, moved, happened_at, moved_at)"
        " SELECT :code, reference, way, amount, at, clock_timestamp()" + NEW +
        " moved = coalesce(d.moved, 0) + excluded.moved, moved_at = excluded.moved_at,"
        " happened_at = excluded.happened_at"
    ),
    "booked": text(
        "INSERT INTO wallet.difference AS d (bank_code, reference, way, booked, booked_at)"
        " SELECT :code, reference, way, amount, at" + NEW +
        " booked = coalesce(d.booked, 0) + excluded.booked, booked_at = excluded.booked_at"
    ),
}  # fmt: skip
FORGET = text(
    "DELETE FROM wallet.difference WHERE bank_code = :code"
    " AND reference = ANY (CAST(:references AS text[])) AND moved = booked"
)


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
    if sums := _sums(movements):
        terms = {
            "code": code,
            "references": [name.reference for name in sums],
            "ways": ["out" if name.out else "in" for name in sums],
            "amounts": [each.amount for each in sums.values()],
            "times": [each.at for each in sums.values()],
        }
        db.session.execute(ADD[side], terms)
        db.session.execute(FORGET, {"code": code, "references": terms["references"]})


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
