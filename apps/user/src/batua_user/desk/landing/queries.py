"""What the desk's first page reads: the queue of each feature."""

from collections.abc import Callable, Sequence

from sqlalchemy import select

from batua_db.database import db
from batua_db.models.desk import Halt
from batua_ui.desk.queue import Queue
from batua_user.desk.corrections import queries as corrections
from batua_user.desk.kyc import queries as kyc
from batua_user.desk.merchants import queries as merchants
from batua_user.desk.reconciliation import queries as reconciliation
from batua_user.desk.suspense import queries as suspense

# Each feature of the desk that has something waiting adds its own here.
QUEUES: tuple[Callable[[], Queue], ...] = (
    *(kyc.queue, merchants.queue, corrections.queue),
    *(suspense.queue, reconciliation.queue),
)


def queues() -> Sequence[Queue]:
    """What waits, in the order of the list."""
    return [queue() for queue in QUEUES]


def halts() -> Sequence[Halt]:
    """What is stopped until somebody lets it go on."""
    return db.session.scalars(select(Halt).order_by(Halt.created_at)).all()
