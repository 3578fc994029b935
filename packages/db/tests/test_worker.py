"""A worker runs what is due, survives what fails, and ends when asked."""

import logging
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from batua_db import worker
from batua_db.database import db
from batua_dev.testing import Committed

pytestmark = pytest.mark.commits


def test_a_task_that_fails_is_tried_again_and_stops_no_other(
    committed: Committed, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()
    ran = {"bad": 0, "good": 0}

    def bad() -> None:
        ran["bad"] += 1
        raise RuntimeError("not this time")

    def good() -> int:
        ran["good"] += 1
        if ran["good"] == 3:
            stop.set()
        return 1

    with caplog.at_level(logging.CRITICAL):
        tasks = {"bad": (bad, 0.0), "good": (good, 0.01)}
        worker.run(committed.app, tasks, stop=stop)

    assert ran["bad"] >= 3
    assert ran["good"] == 3


def test_a_task_in_hand_is_finished_before_the_end(committed: Committed) -> None:
    stop, begun, finished = threading.Event(), threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        stop.wait(1)
        finished.set()

    thread = threading.Thread(
        target=worker.run, args=(committed.app, {"slow": (slow, 0)}), kwargs={"stop": stop}
    )
    thread.start()
    assert begun.wait(2)
    stop.set()
    thread.join(2)

    assert finished.is_set()
    assert not thread.is_alive()


def test_an_outage_is_a_warning_and_a_mistake_is_an_error(
    committed: Committed, capsys: pytest.CaptureFixture[str]
) -> None:
    stop = threading.Event()

    def mistaken() -> None:
        db.session.execute(text("SELECT 1 FROM no_such_table"))

    def away() -> None:
        stop.set()
        raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))

    worker.run(committed.app, {"mistaken": (mistaken, 9), "away": (away, 9)}, stop=stop)

    out = capsys.readouterr().out
    assert "the database is away" in out
    assert "a task failed" in out
    assert "42P01" in out  # PostgreSQL's name for a table that is not there
