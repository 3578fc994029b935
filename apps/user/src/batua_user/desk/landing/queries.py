"""What the desk's first page reads: the queue of each feature."""

from collections.abc import Callable, Sequence

from sqlalchemy import select

from batua_db.database import db
from batua_db.models.desk import Halt
from batua_user.desk.queue import Queue

# Each feature of the desk that has something waiting adds its own here.
QUEUES: tuple[Callable[[], Queue], ...] = ()


def queues() -> Sequence[Queue]:
    """What waits, in the order of the list."""
    return [queue() for queue in QUEUES]


def halts() -> Sequence[Halt]:
    """What is stopped until somebody lets it go on."""
    return db.session.scalars(select(Halt).order_by(Halt.created_at)).all()
