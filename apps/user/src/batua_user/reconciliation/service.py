"""Reconciliation: does each bank have what our book says it has? If not, nothing is paid out.

First our book is read, then the bank's statement. We book what the bank has already moved, so
whatever our book had is in a statement that was asked for later, or it is missing there.
"""

from sqlalchemy import func, select, update

from batua_config import logs
from batua_db.database import db, transaction
from batua_db.models.desk import Difference
from batua_db.models.wallet import Bank
from batua_db.reconciliation import Item
from batua_user.bank.client import BankError
from batua_user.payouts import service as payouts

from . import queries
from .differences import hold
from .matching import match
from .reading import read

log = logs.get(__name__)


def reconcile() -> int:
    """Compare our book with every bank; the worker's task. Says how many could be compared."""
    with transaction():
        codes = db.session.scalars(select(Bank.code).order_by(Bank.code)).all()
    return sum(compare(code) for code in codes)


def compare(code: str) -> bool:
    """Read what is new on both sides of one bank, and judge; without an answer, try later."""
    try:
        complete = match(code) and read(code)
    except BankError as error:
        log.warning("no statement", bank=code, reason=str(error))
        return False
    if complete:
        _judge(code)
    return complete


def _judge(code: str) -> None:
    """Stop payouts for what is wrong, once for each difference, and say so."""
    with transaction():
        hold(code)
        standing = queries.standing(code)
        wrong = [item for item in standing.found.items if item.wrong] if standing else []
        if wrong:
            log.warning("the books differ", bank=code, count=len(wrong))
        for item in wrong:
            if _is_dangerous(item) and _alarm(code, item):
                fault = item.as_fault(code)
                log.error("the books differ", bank=code, fault=fault.fault, place=fault.place)
                payouts.halt(f"{code}: {fault.fault}, {fault.place}: {fault.detail}.")


def _is_dangerous(item: Item) -> bool:
    """Whether the bank has less than we think, or paid out what nobody here waits for."""
    if item.what == "not booked":
        return item.name.out and not queries.is_awaited(item)
    return item.what != "in suspense"


def _alarm(code: str, item: Item) -> bool:
    """Note the alarm; says whether it is the first about this difference."""
    row = (
        update(Difference)
        .where(
            Difference.bank_code == code,
            Difference.reference == item.name.reference,
            Difference.way == ("out" if item.name.out else "in"),
            Difference.alarmed_at.is_(None),
        )
        .values(alarmed_at=func.clock_timestamp())
        .returning(Difference.reference)
        .execution_options(synchronize_session=False)
    )
    return db.session.scalar(row) is not None
