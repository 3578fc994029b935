"""The bank's workers die, the line breaks, the same comes twice: each event is applied once.

Real processes deliver from a real outbox to the real wallet, behind a line that fails by
the dice, but the same way for the same seed.
"""

import random
import sys
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.serving import WSGIRequestHandler, make_server

from batua_bank.outbox import announce
from batua_config.settings import Settings
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.ledger import Transfer
from batua_db.models.outbox import Delivery, Dispatch
from batua_db.models.wallet import Inbox, User
from batua_db.money import Money
from batua_dev.processes import Family, Member
from batua_dev.system import environment_of, until
from batua_dev.testing import Committed

pytestmark = pytest.mark.commits

# A worker of the bank that does nothing but deliver, and everything sooner.
WORKER = """
from datetime import timedelta
from batua_bank import create_app
from batua_bank.webhooks import sender, service
from batua_db import worker
service.LEASE, service.SCHEDULE = timedelta(seconds=2.5), (0.1,) * 500
sender.TIMEOUTS = (1, 1)
worker.run(create_app(), {"deliver": (service.deliver_due, 0.05)})
"""


class Line:
    """The wallet behind a line that fails by the dice; the same way for the same seed."""

    def __init__(self, app: Flask, seed: int) -> None:
        self.app = app
        self.seed = seed
        self.heard = Counter[str]()
        self.faults = Counter[str]()
        self._turns = threading.Semaphore(6)  # the test needs connections of its own

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Pass a webhook on, or lose it, or its answer, or send it twice over."""
        name = environ["HTTP_WEBHOOK_ID"]
        self.heard[name] += 1
        dice = random.Random(f"{self.seed}:{name}:{self.heard[name]}")  # noqa: S311
        fault = dice.choices(["", "lost", "unheard", "silent", "twice"], [70, 10, 8, 2, 10])[0]
        self.faults[fault] += 1
        if fault == "lost":
            return _failed(start)
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        if fault:
            self._tell(environ, body)
        if fault == "silent":
            threading.Event().wait(1.2)  # longer than the bank waits
        if fault in {"unheard", "silent"}:
            return _failed(start)
        return self._tell(environ, body, start)

    def _tell(self, environ: dict[str, Any], body: bytes, start: Any = None) -> Iterable[bytes]:
        own = {**environ, "wsgi.input": BytesIO(body)}
        with self._turns:
            return list(self.app(own, start or (lambda *_: lambda _: None)))


def _failed(start: Callable[..., Any]) -> Iterable[bytes]:
    start("500 Internal Server Error", [("Content-Type", "text/plain")])
    return [b"no"]


class Quiet(WSGIRequestHandler):
    """Logs nothing: hundreds come."""

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Keep quiet."""


@pytest.fixture
def line(
    user_app: Flask, committed: Committed, monkeypatch: pytest.MonkeyPatch
) -> Generator[tuple[Line, str]]:
    """The wallet behind the line, and where."""
    monkeypatch.setattr(user_app, "testing", value=False)  # what fails there is a 503 here
    made = Line(user_app, seed=7)
    server = make_server("127.0.0.1", 0, made, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield made, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def hire(
    line: tuple[Line, str], settings: Settings, committed: Committed, tmp_path: Path
) -> Generator[Callable[[], Member]]:
    """``hire()``: one more worker of the bank."""
    family = Family()
    urls = {
        "DATABASE_URL": committed.url,
        "REDIS_URL": settings.redis_url,
        "USER_INTERNAL_URL": line[1],
    }
    environment = environment_of(settings, urls)

    def start() -> Member:
        with (tmp_path / "workers.log").open("ab") as log:
            command = [sys.executable, "-c", WORKER]
            return family.spawn("bank-worker", command, output=log, env=environment)

    yield start
    family.close()


def happen(payments: list[dict[str, Any]], others: int) -> None:
    with transaction():
        for payment in payments:
            announce("wallet", "payment.succeeded", payment)
        for number in range(others):
            announce("wallet", "refund.succeeded", {"number": number})


def undelivered() -> int:
    with transaction():
        left = select(func.count()).select_from(Dispatch).where(Dispatch.delivered_at.is_(None))
        return db.session.scalars(left).one()


def deliver_all(hire: Callable[[], Member], events: int, deaths: int, seconds: float) -> None:
    """Let two workers deliver, and kill one again and again while they do."""
    at_work = [hire(), hire()]
    for death in range(1, deaths + 1):
        mark = events - events * death // (deaths + 1)
        until(lambda mark=mark: undelivered() <= mark, "nothing is delivered", seconds=seconds)
        at_work.append(hire())
        victim = at_work.pop(0)
        victim.process.kill()
        victim.process.wait()
    until(lambda: undelivered() == 0, "not all was delivered", seconds=seconds)


def applied_once(line: Line, users: list[UUID], events: int) -> None:
    with transaction():
        assert [ledger.balance(user) for user in users] == [Money(500_00)] * len(users)
        moved = select(func.count()).select_from(Transfer).where(Transfer.kind == "topup")
        assert db.session.scalar(moved) == len(users)
        assert Counter(db.session.scalars(select(Inbox.outcome))) == {
            "applied": len(users),
            "ignored": events - len(users),
        }
        assert db.session.query(Dispatch).filter(Dispatch.dead_at.is_not(None)).count() == 0
        attempts = db.session.scalars(select(func.sum(Dispatch.attempts))).one()
        # A worker that was killed began what it did not write down.
        assert attempts >= db.session.query(Delivery).count() >= events
    assert len(line.heard) == events
    assert sum(line.heard.values()) > events
    assert min(line.faults[fault] for fault in ("lost", "unheard", "twice")) > 0


@pytest.mark.parametrize(
    ("payments", "others", "deaths", "seconds"),
    [(20, 80, 2, 60), pytest.param(300, 700, 12, 500, marks=pytest.mark.long)],
)
def test_each_event_is_delivered_and_applied_once(
    line: tuple[Line, str],
    hire: Callable[[], Member],
    make_user: Callable[..., User],
    make_topup: Callable[..., UUID],
    the_bank: Any,
    payments: int,
    others: int,
    deaths: int,
    seconds: float,
) -> None:
    people = [make_user() for _ in range(payments)]
    happen([the_bank.payment(make_topup(person)) for person in people], others)
    accounts = [person.account_id for person in people]

    deliver_all(hire, payments + others, deaths, seconds)

    applied_once(line[0], accounts, payments + others)
