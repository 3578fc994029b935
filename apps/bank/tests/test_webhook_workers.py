"""Several workers share the outbox, and one that was killed leaves nothing undone."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from batua_bank.outbox import announce
from batua_bank.webhooks import service
from batua_bank.webhooks.sender import Outcome
from batua_db.database import db, transaction
from batua_db.models.outbox import Delivery, Dispatch

pytestmark = [pytest.mark.commits, pytest.mark.usefixtures("committed")]


@pytest.fixture
def got(wallet: Any) -> Callable[[], list[int]]:
    """``got()``: which events the wallet was told of, each time it was."""
    return lambda: sorted(json.loads(body)["data"]["number"] for *_, body in wallet.got)


@pytest.fixture
def work(bank_app: Flask) -> Callable[[int], int]:
    """``work(_)``: one worker, until nothing is due."""

    def run(_: int) -> int:
        with bank_app.app_context():
            done = 0
            while more := service.deliver_due():
                done += more
            return done

    return run


def happen(times: int) -> None:
    with transaction():
        for number in range(times):
            announce("wallet", "payment.succeeded", {"number": number})


def test_workers_at_once_deliver_each_event_once(work: Any, got: Any) -> None:
    happen(40)
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(work, range(3)))

    assert sum(done) == 40
    assert got() == list(range(40))
    undelivered = select(func.count()).where(Dispatch.delivered_at.is_(None))
    assert db.session.scalar(undelivered) == 0


def test_a_worker_that_was_killed_leaves_its_claim_to_others(
    work: Any, got: Any, bank_app: Flask
) -> None:
    happen(1)
    with bank_app.app_context():
        service._claim()  # pyright: ignore[reportPrivateUsage]
    assert work(0) == 0  # it may still be at it

    with transaction():
        over = Dispatch.attempt_at - service.LEASE - timedelta(seconds=1)
        db.session.execute(update(Dispatch).values(attempt_at=over))

    assert work(0) == 1
    assert got() == [0]
    assert db.session.query(Delivery.attempt).one() == (2,)


def test_one_that_was_overtaken_changes_nothing(work: Any, got: Any, bank_app: Flask) -> None:
    happen(1)
    with bank_app.app_context():
        (slow,) = service._claim()  # pyright: ignore[reportPrivateUsage]
        with transaction():
            db.session.execute(update(Dispatch).values(attempt_at=func.clock_timestamp()))
    work(0)
    with bank_app.app_context():
        service._record(slow, Outcome(500, "", 61_000))  # pyright: ignore[reportPrivateUsage]

    dispatch = db.session.query(Dispatch).one()
    assert dispatch.delivered_at
    assert dispatch.attempt_at is None
    assert db.session.query(Delivery).count() == 2


def test_workers_that_are_killed_use_up_no_attempts(
    work: Any, wallet: Any, bank_app: Flask
) -> None:
    happen(1)
    wallet.will(500)
    for _ in range(len(service.SCHEDULE)):
        with bank_app.app_context():
            service._claim()  # pyright: ignore[reportPrivateUsage]
        with transaction():
            db.session.execute(update(Dispatch).values(attempt_at=func.clock_timestamp()))

    work(0)

    dispatch = db.session.query(Dispatch).one()
    assert dispatch.dead_at is None
    assert dispatch.attempt_at
    assert dispatch.attempt_at - dispatch.created_at < timedelta(minutes=1)
