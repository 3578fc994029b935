"""What the desk's first page reads: the queue of each feature."""

from collections.abc import Callable, Sequence

from batua_bank.desk.clients import queries as clients
from batua_bank.desk.payouts import queries as payouts
from batua_bank.desk.reversals import queries as reversals
from batua_ui.desk.queue import Queue

# Each feature of the desk that has something waiting adds its own here.
QUEUES: tuple[Callable[[], Queue], ...] = (reversals.queue, payouts.queue, clients.queue)


def queues() -> Sequence[Queue]:
    """What waits, in the order of the list."""
    return [queue() for queue in QUEUES]
