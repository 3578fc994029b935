"""Asking the bank what became of a top-up: a webhook that never comes loses nothing."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Interval, case, func, literal, select, type_coerce, update

from batua_config import logs
from batua_db.database import db, transaction
from batua_db.models.wallet import Topup
from batua_user.bank.client import BankError
from batua_user.bank.current import bank

from . import opening, service

log = logs.get(__name__)

INTERVALS = (5, 10, 20, 40)  # seconds between two questions, then
LONGEST = 60
NOT_AGAIN_WITHIN = timedelta(seconds=2)


def poll() -> int:
    """Ask about every top-up that is due; the worker's task."""
    asked = 0
    while topup_id := _claim(Topup.check_at <= func.clock_timestamp()):
        ask_bank(topup_id)
        asked += 1
    return asked


def look(topup_id: UUID, *, arriving: bool) -> None:
    """Ask for someone who looks at the status page, if it is time to.

    Who just arrives may be coming back from the bank, and need not wait for the turn.
    """
    now = func.clock_timestamp()
    due = Topup.check_at <= now
    if arriving:
        due = Topup.check_at - _interval(Topup.checks) <= now - NOT_AGAIN_WITHIN
    if _claim(due, Topup.id == topup_id):
        ask_bank(topup_id)


def ask_bank(topup_id: UUID) -> None:
    """Ask what became of a top-up, and book it. Without an answer the next turn asks again."""
    with transaction():
        session_id = db.session.scalar(select(Topup.session_id).where(Topup.id == topup_id))
    try:
        if session_id is None:
            opening.ask_again(topup_id)
        else:
            _take(topup_id, session_id)
    except BankError as error:
        log.warning("no news from the bank", topup_id=topup_id, reason=str(error))


def _take(topup_id: UUID, session_id: str) -> None:
    status = bank.session(session_id).status
    if status == "open":
        return
    payments = bank.payments(str(topup_id)) if status == "succeeded" else []
    with transaction():
        topup = service.lock(topup_id)
        if topup is None:
            return
        if status in ("declined", "expired"):
            service.close(topup, status)
        for payment in payments:
            if payment.topup_id == topup_id:
                service.settle(topup, payment, heard="heard")


def _claim(*which: ColumnElement[bool]) -> UUID | None:
    """Take one top-up's turn, so that nobody else asks at the same time."""
    one = (
        select(Topup.id)
        .where(Topup.check_at.is_not(None), *which)
        .order_by(Topup.check_at)
        .limit(1)
        .with_for_update(skip_locked=True, of=Topup)
    )
    with transaction():
        return db.session.scalar(
            update(Topup)
            .where(Topup.id == one.scalar_subquery())
            .values(
                check_at=func.clock_timestamp() + _interval(Topup.checks + 1),
                checks=Topup.checks + 1,
            )
            .returning(Topup.id)
            .execution_options(synchronize_session=False)
        )


def _interval(checks: Any) -> ColumnElement[timedelta]:
    """How long after the question number ``checks`` the next one is due."""
    steps = [(checks == number, seconds) for number, seconds in enumerate(INTERVALS)]
    seconds = case(*steps, else_=LONGEST)
    return type_coerce(seconds * literal(timedelta(seconds=1), Interval()), Interval())
