"""What the bank forgets, and after how long. Whatever tells of money is kept for ever."""

from batua_db import pruning
from batua_db.models.clients import Call

from .clients import calls


def prune() -> int:
    """Delete what has had its time; the worker's task. Returns how many rows that were."""
    return pruning.prune({Call: calls.old()}, hold=False)
