"""What a monitor watches: does everything agree, and are payouts running?

The worker compares, and the pages' processes are asked: so they look when they are asked.
"""

from prometheus_client import Gauge
from sqlalchemy.exc import SQLAlchemyError

from batua_config import logs
from batua_db.database import db
from batua_db.models.desk import Halt
from batua_user.payouts.service import HALT

from .queries import standings

log = logs.get(__name__)

DIFFERENCE = Gauge(
    "batua_reconciliation_difference_paise",
    "What nothing explains between a bank's statement and our book",
    ["bank"],
    multiprocess_mode="mostrecent",
)
WRONG = Gauge(
    "batua_reconciliation_wrong",
    "Differences that do not explain themselves, and statements that can't be true",
    ["bank"],
    multiprocess_mode="mostrecent",
)
HALTED = Gauge(
    "batua_payouts_halted", "1 while payouts are stopped", multiprocess_mode="mostrecent"
)


def measure() -> None:
    """Set the figures to what holds now; without a database they stay as they were."""
    try:
        for each in standings():
            DIFFERENCE.labels(each.bank.code).set(each.found.difference)
            wrong = sum(item.wrong for item in each.found.items) + bool(each.statement.fault)
            WRONG.labels(each.bank.code).set(wrong)
        HALTED.set(db.session.get(Halt, HALT) is not None)
    except SQLAlchemyError as error:
        log.warning("nothing was measured", type=type(error).__name__)
    finally:
        db.session.rollback()
