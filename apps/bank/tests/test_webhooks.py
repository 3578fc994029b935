"""Webhooks, to a real receiver: delivered, tried again by the schedule, or given up."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, update

from batua_bank.outbox import announce
from batua_bank.webhooks import sender, service
from batua_config import webhooks
from batua_config.settings import Settings
from batua_db.database import db, transaction
from batua_db.models.outbox import Delivery, Dispatch, Event

pytestmark = pytest.mark.usefixtures("session")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def deliver(bank_app: Flask) -> Callable[[], int]:
    """``deliver()``: what the worker does again and again."""

    def run() -> int:
        with bank_app.app_context():
            return service.deliver_due()

    return run


def happen(**data: Any) -> None:
    with transaction():
        announce("wallet", "payment.succeeded", {"id": "p", "amount": 1, **data})


def only() -> Dispatch:
    db.session.expire_all()
    return db.session.query(Dispatch).one()


def due_now() -> None:
    with transaction():
        db.session.execute(update(Dispatch).values(attempt_at=func.clock_timestamp()))


def wait_of(dispatch: Dispatch) -> timedelta:
    assert dispatch.attempt_at
    return dispatch.attempt_at - datetime.now(UTC)


def test_an_event_is_delivered_signed_and_whole(
    wallet: Any, deliver: Any, settings: Settings
) -> None:
    happen(note="रु <&>")

    assert (deliver(), deliver()) == (1, 0)
    ((path, headers, body),) = wallet.got
    assert path == "/webhooks/bank"
    assert headers["Content-Type"] == "application/json"
    assert "Authorization" not in headers
    lower = {name.lower(): value for name, value in headers.items()}
    assert webhooks.verify(settings.secrets, lower, body) == only().event_id
    said = webhooks.parse(body)
    assert said == {
        "type": "payment.succeeded",
        "timestamp": only().event.created_at.isoformat(),
        "data": {"id": "p", "amount": 1, "note": "रु <&>"},
    }
    assert only().delivered_at
    assert only().attempt_at is None
    delivery = db.session.query(Delivery).one()
    assert (delivery.attempt, delivery.status, delivery.error) == (1, 200, "")


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_only_2xx_is_success(wallet: Any, deliver: Any, status: int) -> None:
    wallet.will(status)
    happen()
    deliver()

    assert only().delivered_at


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 400, 401, 404, 500, 502])
def test_all_else_is_tried_again_and_no_redirect_is_followed(
    wallet: Any, deliver: Any, status: int
) -> None:
    wallet.will(status, Location=f"{wallet.url}/elsewhere")
    happen()
    deliver()

    assert len(wallet.got) == 1
    assert only().delivered_at is None
    assert timedelta(seconds=3) < wait_of(only()) < timedelta(seconds=6)
    assert db.session.query(Delivery.status).one() == (status,)


def test_each_attempt_is_signed_anew_under_the_same_id(wallet: Any, deliver: Any) -> None:
    for _ in range(2):
        wallet.will(500)
    happen()
    deliver()
    time.sleep(1.1)
    due_now()
    deliver()
    due_now()
    deliver()

    ids, stamps, bodies = (
        {lower(headers)["webhook-id"] for _, headers, _ in wallet.got},
        {lower(headers)["webhook-timestamp"] for _, headers, _ in wallet.got},
        {body for *_, body in wallet.got},
    )
    assert (len(wallet.got), len(ids), len(bodies)) == (3, 1, 1)
    assert len(stamps) > 1
    assert only().delivered_at


def lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def test_the_schedule_is_kept_for_three_days_then_it_is_given_up(
    wallet: Any, deliver: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    happen()
    for attempt in range(1, 11):
        wallet.will(500)
        deliver()
        if attempt < 10:
            seconds = service.SCHEDULE[attempt]
            assert 0.85 * seconds - 2 < wait_of(only()).total_seconds() < 1.15 * seconds
            due_now()

    assert sum(service.SCHEDULE) > 3 * 24 * 3600
    assert only().dead_at
    assert only().attempt_at is None
    assert db.session.query(Delivery).count() == 10
    assert "a webhook was given up" in capfd.readouterr().out
    assert deliver() == 0


def test_waits_differ_so_that_not_all_come_back_at_once() -> None:
    waits = {service._wait(3, 0) for _ in range(20)}  # pyright: ignore[reportPrivateUsage]

    assert len(waits) > 10
    assert all(27 * MINUTE <= wait <= 33 * MINUTE for wait in waits)


def test_410_ends_it_at_once(wallet: Any, deliver: Any) -> None:
    wallet.will(410)
    happen()
    deliver()

    assert only().dead_at
    assert deliver() == 0


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_honoured(wallet: Any, deliver: Any, status: int, as_date: bool) -> None:
    at = datetime.now(UTC) + HOUR
    wallet.will(status, Retry_After=format_datetime(at) if as_date else "3600")
    happen()
    deliver()

    assert 59 * MINUTE < wait_of(only()) <= HOUR


@pytest.mark.parametrize("asked", ["1", "0", "-5", "soon", "", "9" * 40, "Wed, 99 Foo"])
def test_no_retry_after_shortens_the_schedule_or_stops_it(
    wallet: Any, deliver: Any, asked: str
) -> None:
    wallet.will(503, Retry_After=asked)
    happen()
    deliver()

    assert timedelta(seconds=3) < wait_of(only()) <= 24 * HOUR


def test_retry_after_of_another_status_means_nothing(wallet: Any, deliver: Any) -> None:
    wallet.will(500, Retry_After="3600")
    happen()
    deliver()

    assert wait_of(only()) < MINUTE


def test_nobody_there_is_an_attempt_too(wallet: Any, deliver: Any) -> None:
    wallet.shutdown()
    wallet.server_close()
    happen()
    deliver()

    delivery = db.session.query(Delivery).one()
    assert (delivery.status, delivery.error) == (None, "ConnectionError")
    assert wait_of(only()) < timedelta(seconds=6)


def test_a_receiver_that_hangs_is_left_alone(
    wallet: Any, deliver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "TIMEOUTS", (0.5, 0.3))
    wallet.will(200, after=1)
    happen()
    deliver()

    delivery = db.session.query(Delivery).one()
    assert (delivery.status, delivery.error) == (None, "ReadTimeout")
    assert 250 < delivery.milliseconds < 1000
    assert only().delivered_at is None


@pytest.fixture
def drips() -> Iterator[str]:
    """Where an answer comes byte after byte, and never to an end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)

        def drip() -> None:
            connection, _ = server.accept()
            with connection, contextlib.suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while True:
                    connection.sendall(b"x")
                    time.sleep(0.05)

        thread = threading.Thread(target=drip)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join()


@pytest.mark.parametrize("reach", ["anywhere", "loopback"])
def test_an_answer_that_never_ends_is_cut_off(
    drips: str, monkeypatch: pytest.MonkeyPatch, reach: Any
) -> None:
    monkeypatch.setattr(sender, "DEADLINE", 0.4)
    now = datetime.now(UTC)
    letter = sender.Letter("evt_1", uuid4(), drips, reach, ["whsec_AAAA"], 1, "a", now, {})
    outcome = sender.send(letter)

    assert (outcome.status, outcome.error) == (None, "TookTooLong")
    assert outcome.milliseconds < 3_000


def test_the_timeouts_are_short() -> None:
    assert sender.TIMEOUTS == (5, 15)
    assert timedelta(seconds=sender.DEADLINE) < service.LEASE
    assert timedelta(seconds=2 * sum(sender.TIMEOUTS)) < service.LEASE


def test_an_event_that_was_undone_is_never_sent(wallet: Any, deliver: Any) -> None:
    announce("wallet", "payment.succeeded", {})
    db.session.flush()
    db.session.rollback()

    assert deliver() == 0


def test_bodies_stay_small(api: Any, banks: None, customer: Any, approval: Any) -> None:
    asked = api.ask(description="€" * 140, reference="r" * 64)
    customer().submit(f"{asked['path']}/approve", **approval())
    event = db.session.query(Event).one()
    what = (event.type, event.created_at, event.data)
    letter = sender.Letter(event.id, uuid4(), "", "public", [], 1, *what)

    assert len(letter.body) < 2_000
    assert json.loads(letter.body)["data"]["reference"] == "r" * 64
