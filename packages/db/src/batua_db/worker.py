"""Workers: what runs beside the requests. Any number of them may run at once.

A task looks for rows that are due, claims them with SKIP LOCKED, and returns how many
it did. The rows are the queue: nothing is lost when a worker is killed.
"""

import signal
import time
from collections.abc import Callable, Mapping
from threading import Event
from types import FrameType

from flask import Flask
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from batua_config import logs

from .database import db

log = logs.get(__name__)
Task = Callable[[], int | None]


def run(app: Flask, tasks: Mapping[str, tuple[Task, float]], *, stop: Event | None = None) -> None:
    """Run each of ``tasks`` (name: function, seconds between two runs) until told to stop.

    SIGTERM and SIGINT let the task in hand finish. A task that fails is logged and
    tried again at its next turn.
    """
    stop = stop or _stop_on_signal()
    due = dict.fromkeys(tasks, 0.0)
    while not stop.is_set():
        for name, (task, seconds) in tasks.items():
            if due[name] <= time.monotonic() and not stop.is_set():
                _attempt(app, name, task)
                due[name] = time.monotonic() + seconds
        stop.wait(max(0.01, min(due.values()) - time.monotonic()))


def _attempt(app: Flask, name: str, task: Task) -> None:
    with app.app_context():
        try:
            task()
        except (OperationalError, InterfaceError) as error:
            log.warning("the database is away; trying again", task=name, type=type(error).__name__)
        except Exception as error:
            log.exception("a task failed", task=name, code=_sqlstate(error))
        finally:
            db.session.remove()


def _sqlstate(error: Exception) -> str | None:
    """PostgreSQL's own name for what went wrong, if it was PostgreSQL."""
    return getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None


def _stop_on_signal() -> Event:
    stop = Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    return stop
