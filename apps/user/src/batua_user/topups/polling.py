"""Asking the bank what became of a top-up: a webhook that never comes loses nothing.

What came and could not be credited is given back in the same turns.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select

from batua_config import logs
from batua_db.database import db, transaction
from batua_db.ledger import AccountClosed
from batua_db.models.wallet import Topup
from batua_user import turns
from batua_user.bank.client import BankError
from batua_user.bank.current import bank

from . import opening, returning, service

log = logs.get(__name__)

LAST_CHECK = timedelta(days=1)  # the second of the two after the end
NOT_AGAIN_WITHIN = timedelta(seconds=2)


def poll() -> int:
    """Ask about every top-up that is due; the worker's task."""
    asked = 0
    while topup_id := _claim(turns.due(Topup)):
        ask_bank(topup_id)
        asked += 1
    return asked


def look(topup_id: UUID, *, arriving: bool) -> None:
    """Ask for someone who looks at the status page, if it is time to.

    Who just arrives may be coming back from the bank, and need not wait for the turn.
    """
    due = turns.due(Topup)
    if arriving:
        lately = func.clock_timestamp() - NOT_AGAIN_WITHIN
        due = Topup.check_at - turns.interval(Topup.checks) <= lately
    if _claim(due, Topup.id == topup_id):
        ask_bank(topup_id)


def ask_bank(topup_id: UUID) -> None:
    """Ask what became of a top-up, and book it. Without an answer the next turn asks again."""
    with transaction():
        asked = select(Topup.state, Topup.session_id).where(Topup.id == topup_id)
        state, session_id = db.session.execute(asked).one()
    try:
        if state == "captured":
            returning.give_back(topup_id)
        elif state != "pending":
            service.book(topup_id, bank.payments(str(topup_id)))
        elif session_id is None:
            opening.ask_again(topup_id)
        else:
            _follow(topup_id, session_id)
    except (BankError, AccountClosed) as error:
        log.warning("nothing was booked", topup_id=topup_id, reason=str(error))


def _follow(topup_id: UUID, session_id: str) -> None:
    status = bank.session(session_id).status
    if status == "succeeded":
        service.book(topup_id, bank.payments(str(topup_id)))
    elif status != "open":
        with transaction():
            if topup := service.lock(topup_id):
                service.close(topup, status)


def _claim(*which: ColumnElement[bool]) -> UUID | None:
    """Take one top-up's turn, so that nobody else asks at the same time."""
    return turns.claim(Topup, *which, then=_next_check())


def _next_check() -> ColumnElement[datetime | None]:
    """Ever more rarely while something is to come; of what has ended, one last time."""
    now = func.clock_timestamp()
    return case(
        (Topup.state.in_(("pending", "captured")), now + turns.interval(Topup.checks + 1)),
        (Topup.checks == 0, now + LAST_CHECK),
        else_=None,
    )
