"""A ledger to move money in, on a database of its own: makers and readers.

``books`` serves all tests of a file, since nothing of it can be undone; what a test leaves
behind is whole books. ``own_books`` is for a test that breaks them.
"""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, NullPool, Row, create_engine, make_url, text

from batua_db import database, ledger, migrations
from batua_db.database import transaction
from batua_db.money import Money
from batua_dev import cluster
from batua_dev.postgres import ADMIN, Postgres
from batua_dev.processes import Family
from batua_dev.scratch import Scratch, inside
from batua_dev.testing import wait_until_sealable
from batua_dev.testrun import sqlalchemy_url

T = TypeVar("T")
THREADS = 40


@dataclass
class Books:
    """Opens accounts, moves money and looks, each in a transaction of its own."""

    app: Flask
    engine: Engine  # as the application
    admin: Engine  # as a superuser
    owner: str
    float: UUID

    def sql(self, statement: str, **values: Any) -> Sequence[Row[Any]]:
        with self.engine.begin() as connection:
            return connection.execute(text(statement), values).all()

    def do(self, what: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Call something of the ledger in an app context and a transaction."""
        with self.app.app_context(), transaction():
            return what(*arguments, **named)

    def open(self, kind: str = "person", *, funds: int = 0, **terms: Any) -> UUID:
        book = terms.pop("book", "wallet")
        account = self.do(ledger.open_account, book, kind, owner=uuid4(), **terms)
        if funds:
            self.move(funds, self.float, account, kind="topup")
        return account

    def move(self, amount: int, debit: UUID, credit: UUID, **terms: Any) -> ledger.Moved:
        terms = {"kind": "send", "key": str(uuid4())} | terms
        return self.do(ledger.move, Money(amount), debit=debit, credit=credit, **terms)

    def move_all(self, *moves: ledger.Move) -> list[ledger.Moved]:
        return self.do(ledger.move_all, moves)

    def set_status(self, account: UUID, status: str) -> None:
        self.do(ledger.set_status, account, status)

    def balance(self, account: UUID) -> int:
        return self.do(ledger.balance, account).paise

    def fold(self) -> int:
        with self.app.app_context():
            return ledger.fold()

    def seal(self, book: str = "wallet", *, wait: bool = True) -> list[ledger.Sealed]:
        if wait:
            self.wait()
        with self.app.app_context():
            return ledger.seal(book)  # pyright: ignore[reportArgumentType]

    def wait(self) -> None:
        """Until nothing that others do on this server keeps entries from being sealed."""
        with self.app.app_context():
            wait_until_sealable()

    def faults(self) -> list[tuple[str, str]]:
        return [(row.fault, row.place) for row in self.sql("SELECT * FROM ledger.audit()")]

    def together(self, times: int, job: Callable[[int], T]) -> list[T | ledger.LedgerError]:
        """What ``job(0)``, ``job(1)`` … answer or refuse when they run at once."""

        def attempt(i: int) -> T | ledger.LedgerError:
            try:
                return job(i)
            except ledger.LedgerError as error:
                return error

        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(attempt, range(times)))


def plain_move(amount: int, debit: UUID, credit: UUID, **terms: Any) -> ledger.Move:
    terms = {"kind": "send", "key": str(uuid4())} | terms
    return ledger.Move(amount=Money(amount), debit=debit, credit=credit, **terms)


@pytest.fixture(scope="session")
def a_move() -> Callable[..., ledger.Move]:
    return plain_move


@contextmanager
def new_books(app_url: str, admin_url: str, owner: str) -> Generator[Books]:
    """Books on a migrated database."""
    app = Flask("ledger tests")
    database.configure(app, sqlalchemy_url(app_url), pool_size=THREADS)
    admin = create_engine(sqlalchemy_url(admin_url), poolclass=NullPool)
    with app.app_context():
        engine = database.db.engine
        with transaction():
            account = ledger.open_account("wallet", "float:SBB", floor=None, hot=True)
    yield Books(app, engine, admin, owner, account)
    engine.dispose()


@contextmanager
def copied(scratch: Scratch, worker: int) -> Generator[Books]:
    name = f"{scratch.prefix}_ledger{worker}_{next(SERIAL)}"
    scratch.create(name, template=scratch.template)
    owner = make_url(scratch.owner).username or cluster.OWNER
    with new_books(inside(scratch.app, name), inside(scratch.admin, name), owner) as books:
        yield books
    scratch.drop(name)


@pytest.fixture(scope="module")
def books(scratch: Scratch, worker_number: int) -> Generator[Books]:
    with copied(scratch, worker_number) as books:
        yield books


@pytest.fixture
def own_books(scratch: Scratch, worker_number: int) -> Generator[Books]:
    with copied(scratch, worker_number) as books:
        yield books


@pytest.fixture
def books_beside(scratch: Scratch, worker_number: int) -> Generator[Books]:
    """A second database, for the other company."""
    with copied(scratch, worker_number) as books:
        yield books


@dataclass
class Crashing:
    """A durable server of the test's own, and books on it."""

    server: Postgres
    books: Books

    def kill(self) -> None:
        """Kill -9 the server, and start it again where it was."""
        member = self.server.member
        assert member is not None
        os.kill(member.process.pid, signal.SIGKILL)
        member.process.wait()
        deadline = time.monotonic() + 20
        while not self._restarted():  # the backends of the killed one may still be ending
            assert time.monotonic() < deadline, "the server does not come back"

    def _restarted(self) -> bool:
        """Start on the port that the books know; False if the server ended instead."""
        self.server.initialise()
        self.server.member = member = self.server.launch()
        while not member.ended():
            if self.server.answers():
                return True
            time.sleep(0.02)
        return False


@pytest.fixture
def crashing() -> Generator[Crashing]:
    folder, family = Path(tempfile.mkdtemp(prefix="batua-crash-")), Family()
    folder.chmod(0o755)
    family.remove_if_killed(folder)
    try:
        server = Postgres(family, folder)
        server.start()
        server.wait()
        server.prepare(databases=("crash",))
        owner, app = (server.url(role, "crash") for role in (cluster.OWNER, cluster.APP))
        migrations.upgrade(sqlalchemy_url(owner))
        with new_books(app, server.url(ADMIN, "crash"), cluster.OWNER) as books:
            yield Crashing(server, books)
    finally:
        family.close()
        shutil.rmtree(folder, ignore_errors=True)


SERIAL = count()
