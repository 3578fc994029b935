"""Histories are read from a replica that may be behind, gone or frozen; nobody is misled."""

import os
import signal
import time
from collections.abc import Generator
from dataclasses import dataclass
from itertools import count
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from batua_config.settings import Settings
from batua_db import ledger, migrations, replica
from batua_db.database import db, reading, transaction
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_dev import cluster, streaming
from batua_dev.postgres import ADMIN
from batua_dev.scratch import Scratch, inside, new_prefix
from batua_dev.streaming import Replica
from batua_dev.system import until
from batua_dev.testing import Committed, copied
from batua_dev.testrun import sqlalchemy_url

from .helpers import PIN, MakeUser, SignIn, prepare

pytestmark = pytest.mark.commits
_serial = count()


@dataclass
class Servers:
    """A primary with a migrated template, and the replica that streams from it."""

    scratch: Scratch
    replica: Replica

    def revive(self) -> None:
        if self.replica.member is None or self.replica.member.ended():
            self.replica.start()
            self.replica.wait()

    def at_replica(self, statement: str) -> list[tuple[object, ...]]:
        url = self.replica.url(ADMIN, "postgres")
        with psycopg.connect(url, autocommit=True) as connection:
            return connection.execute(statement.encode()).fetchall()

    def catch_up(self) -> None:
        with psycopg.connect(self.scratch.admin) as primary:
            (now,) = primary.execute("SELECT pg_current_wal_flush_lsn()::text").fetchone() or ("",)
        seen = f"SELECT pg_last_wal_replay_lsn() >= '{now}'"
        until(lambda: self.at_replica(seen) == [(True,)], "the replica does not catch up")


@pytest.fixture(scope="module")
def servers() -> Generator[Servers]:
    with streaming.primary() as primary:
        urls = (primary.url(role, "postgres") for role in (ADMIN, cluster.OWNER, cluster.APP))
        scratch = Scratch(*urls, redis="", redis_numbers=[], prefix=new_prefix())
        scratch.create(scratch.template, template="template0")
        migrations.upgrade(sqlalchemy_url(inside(scratch.owner, scratch.template)))
        yield Servers(scratch, Replica(primary.family, primary))


@pytest.fixture
def committed(servers: Servers, worker_settings: Settings) -> Generator[Committed]:
    """As ever, but on the primary; what is written there reaches the replica."""
    name = f"{servers.scratch.prefix}_{next(_serial)}"
    with copied(servers.scratch, name, worker_settings) as copy:
        yield copy


@pytest.fixture(autouse=True)
def with_replica(
    servers: Servers, committed: Committed, user_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> Generator[None]:
    """Let the wallet read the replica, which has all that the primary has."""
    servers.revive()
    servers.catch_up()
    url = servers.replica.url(cluster.APP, committed.url.rpartition("/")[2])
    made = replica.options(sqlalchemy_url(url))
    engine = create_engine(made.pop("url"), **made)
    replica.make_impatient(engine)
    with user_app.app_context():
        monkeypatch.setitem(db.engines, replica.REPLICA, engine)
    yield
    engine.dispose()


@pytest.fixture
def paused(servers: Servers) -> Generator[None]:
    """A replica that is up to date, and stays as it is."""
    yield
    servers.at_replica("SELECT pg_wal_replay_resume()")


def pause(servers: Servers) -> None:
    servers.catch_up()
    servers.at_replica("SELECT pg_wal_replay_pause()")
    state = "SELECT pg_get_wal_replay_pause_state()"
    until(lambda: servers.at_replica(state) == [("paused",)], "the replica does not pause")


def receive(user: User, other: User, rupees: int, note: str) -> None:
    """Something that ``user`` did not do."""
    with transaction():
        ledger.move(
            Money(rupees * 100),
            debit=other.account_id,
            credit=user.account_id,
            kind="send",
            key=f"send:{uuid4()}",
            note=note,
        )


@pytest.mark.usefixtures("paused")
def test_a_replica_that_is_behind_hides_nothing_that_i_did(
    servers: Servers, make_user: MakeUser, signed_in: SignIn
) -> None:
    asha, ravi = make_user("Asha Rao", funds="1000"), make_user("Ravi Kumar")
    here, elsewhere = signed_in(asha), signed_in(asha)
    pause(servers)

    receipt = here.submit(prepare(here, ravi), pin=PIN).location
    mine, other = here.get("/activity").text, elsewhere.get("/activity").text

    assert here.get(receipt).status_code == elsewhere.get(receipt).status_code == 200
    assert 'data-balance="87950"' in elsewhere.get("/").text
    assert "Dosa" in mine
    assert "+₹1,000.00" in other
    assert "Dosa" not in other  # so it was the replica that was read there


@pytest.mark.usefixtures("paused")
def test_what_the_replica_does_not_know_yet_is_looked_up_at_the_primary(
    servers: Servers, make_user: MakeUser, signed_in: SignIn
) -> None:
    pause(servers)

    browser = signed_in(make_user("Asha Rao", funds="1000"))

    assert "+₹1,000.00" in browser.get("/activity").text


@pytest.mark.usefixtures("paused")
def test_nobody_sees_what_is_old(
    servers: Servers, make_user: MakeUser, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha, ravi = make_user("Asha Rao"), make_user("Ravi Kumar", funds="1000")
    browser = signed_in(asha)
    pause(servers)
    receive(asha, ravi, 20, "Chai")
    assert "Chai" not in browser.get("/activity").text

    old = str(replica.IS_FRESH).replace(f"{replica.FRESH} seconds", "50 milliseconds")
    monkeypatch.setattr(replica, "IS_FRESH", text(old))
    time.sleep(0.1)

    assert "Chai" in browser.get("/activity").text
    assert "Chai" in browser.get("/activity.csv").text


def test_a_replica_that_is_gone_is_not_missed(
    servers: Servers, make_user: MakeUser, signed_in: SignIn
) -> None:
    asha, ravi = make_user("Asha Rao"), make_user("Ravi Kumar", funds="1000")
    browser = signed_in(asha)
    servers.catch_up()
    browser.get("/activity")  # there is a connection
    assert servers.replica.member
    servers.replica.member.signal_group(signal.SIGKILL)
    until(servers.replica.member.ended, "the replica lives")
    receive(asha, ravi, 20, "Chai")
    began = time.monotonic()

    pages = [browser.get("/activity") for _ in range(3)]

    assert all("Chai" in page.text for page in pages)
    assert time.monotonic() - began < 2


def test_a_replica_that_is_frozen_keeps_one_reader_waiting_and_not_for_long(
    servers: Servers,
    make_user: MakeUser,
    signed_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replica, "PATIENCE", 2)
    browser = signed_in(make_user("Asha Rao", funds="1000"))
    servers.catch_up()
    browser.get("/activity")
    backends = "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    frozen = [int(str(pid)) for (pid,) in servers.at_replica(backends)]
    took: list[float] = []
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    try:
        for _ in range(3):
            began = time.monotonic()
            assert "+₹1,000.00" in browser.get("/activity").text
            took.append(time.monotonic() - began)
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)

    assert 2 < took[0] < 6
    assert max(took[1:]) < 2


def test_a_page_that_tolerates_lag_writes_nothing_with_or_without_a_replica(
    committed: Committed,
) -> None:
    def write() -> None:
        with transaction():
            db.session.execute(text("INSERT INTO wallet.guess VALUES ('a', 1, now(), now())"))

    reading().tolerate_lag()

    with pytest.raises(RuntimeError, match="writes nothing"):
        write()
