"""Turns: rows that somebody outside is asked about, again and again until there is an answer.

A row is due once its ``check_at`` has come. Whoever claims it asks, and nobody else at the
same time; nothing is lost when they die, since by then the next turn is set.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Interval, case, func, literal, select, type_coerce, update

from batua_db.database import db, transaction
from batua_db.models.links import BankLink
from batua_db.models.payments import BillPayment, Payout
from batua_db.models.wallet import Topup

Asked = Topup | Payout | BillPayment | BankLink
INTERVALS = (5, 10, 20, 40)  # seconds between two questions, then
LONGEST = 60


def claim(
    table: type[Asked],
    *which: ColumnElement[bool],
    then: ColumnElement[datetime | None] | None = None,
) -> UUID | None:
    """Take the turn of one row in a transaction of its own; ``None`` if none of ``which`` is left.

    ``then`` is when it is due again: ever more rarely, unless said otherwise.
    """
    one = (
        select(table.id)
        .where(table.check_at.is_not(None), *which)
        .order_by(table.check_at)
        .limit(1)
        .with_for_update(skip_locked=True, of=table)
    )
    again = func.clock_timestamp() + interval(table.checks + 1) if then is None else then
    with transaction():
        return db.session.scalar(
            update(table)
            .where(table.id == one.scalar_subquery())
            .values(check_at=again, checks=table.checks + 1)
            .returning(table.id)
            .execution_options(synchronize_session=False)
        )


def due(table: type[Asked]) -> ColumnElement[bool]:
    """Whether it is time to ask."""
    return table.check_at <= func.clock_timestamp()


def interval(checks: Any) -> ColumnElement[timedelta]:
    """How long after the question number ``checks`` the next one is due."""
    steps = [(checks == number, seconds) for number, seconds in enumerate(INTERVALS)]
    seconds = case(*steps, else_=LONGEST)
    return type_coerce(seconds * literal(timedelta(seconds=1), Interval()), Interval())
