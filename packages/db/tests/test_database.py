"""Transactions end where they say, and connections that died are noticed."""

import time
from contextlib import ExitStack

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, OperationalError, TimeoutError

from batua_db.database import db, transaction
from batua_dev.testing import Committed

pytestmark = pytest.mark.commits


def subjects() -> set[str]:
    return set(db.session.scalars(text("SELECT subject FROM wallet.guess")))


def test_a_block_that_raises_undoes_all_of_it(committed: Committed) -> None:
    with transaction():
        db.session.execute(text("INSERT INTO wallet.guess VALUES ('kept', 1, now(), now())"))

    def write_and_fail() -> None:
        with transaction():
            db.session.execute(text("INSERT INTO wallet.guess VALUES ('undone', 1, now(), now())"))
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        write_and_fail()

    assert subjects() == {"kept"}


def test_connections_that_the_server_closed_are_replaced_unseen(committed: Committed) -> None:
    with ExitStack() as stack:  # several in the pool
        for connection in [stack.enter_context(db.engine.connect()) for _ in range(3)]:
            connection.execute(text("SELECT 1"))
    with psycopg.connect(committed.admin_url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    time.sleep(0.1)

    for _ in range(3):
        with db.engine.connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1


def test_an_exhausted_pool_says_so_within_a_second(committed: Committed) -> None:
    with ExitStack() as stack:
        for _ in range(16):
            stack.enter_context(db.engine.connect())
        began = time.monotonic()

        with pytest.raises(TimeoutError):
            db.engine.connect()

    assert time.monotonic() - began < 1.0


def test_a_statement_has_its_time(committed: Committed) -> None:
    limits = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")

    shown = [db.session.scalar(text(f"SHOW {name}")) for name in limits]

    assert shown == ["5s", "2s", "10s"]


def test_errors_do_not_repeat_what_was_written(committed: Committed) -> None:
    insert = text("INSERT INTO wallet.guess VALUES ('a', :canary, now(), now())")
    db.session.execute(insert, {"canary": 4711})

    with pytest.raises(IntegrityError) as caught:
        db.session.execute(insert, {"canary": 4711})

    assert "4711" not in str(caught.value)


def dawdle(connection: Connection) -> None:
    for _ in range(100):
        time.sleep(0.1)
        connection.execute(text("SELECT 1"))


def test_a_transaction_that_idled_too_long_is_an_outage_and_no_mistake_of_ours(
    committed: Committed,
) -> None:
    limit = text("SET idle_in_transaction_session_timeout = 20")

    with committed.engine.connect() as connection:
        connection.execute(limit)
        with pytest.raises(OperationalError):
            dawdle(connection)
        assert connection.invalidated

    with committed.engine.connect() as another:
        assert another.scalar(text("SELECT 1")) == 1
