"""Fixtures for every member's tests: real PostgreSQL, real Valkey, both apps.

One server serves a run. A test either runs inside one transaction that is rolled back
(``session``, the ordinary case), or gets a fresh copy of the migrated database and
commits for real (``committed``). ``user_app`` and ``bank_app`` follow whichever it is.
"""

import base64
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import pytest
import structlog
from argon2 import PasswordHasher
from flask import Flask
from flask_sqlalchemy.session import Session
from pydantic import SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from redis import Redis
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import scoped_session

from batua_config import redis as redis_client
from batua_config.settings import Settings
from batua_db import credentials
from batua_db.database import db, transaction

from . import sharing
from .bare import bare_app
from .client import FreshClient, fresh_client
from .scratch import Scratch, inside
from .testrun import sqlalchemy_url

pytest_configure_node = sharing.pytest_configure_node
pytest_sessionstart = sharing.pytest_sessionstart
pytest_unconfigure = sharing.pytest_unconfigure

Bind = Connection | Engine
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


# A traceback with every local variable takes seconds to draw.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.set_exc_info,
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
    ]
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what needs the running system: it takes long, and one process has it started."""
    items.sort(key=lambda item: "seeded" not in getattr(item, "fixturenames", ()))


@pytest.fixture(autouse=True)
def hashing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords and PINs are hashed in no time, unless a test is about how long it takes."""
    if not request.node.get_closest_marker("slow_hashing"):
        monkeypatch.setattr(credentials, "HASHER", QUICK)
    credentials.nobodys_hash.cache_clear()


class TestSettings(Settings):
    """Settings that no environment and no ``.env`` can change."""

    __test__ = False

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is given, and nothing else."""
        return (init_settings,)


@dataclass(frozen=True)
class Committed:
    """A database of the test's own, for what must commit for real.

    ``url`` is the apps' (role ``batua_app``), ``owner_url`` the migrations', ``admin_url``
    the superuser's. ``app`` is bound to it: threads push its context to get a session.
    """

    app: Flask
    url: str
    owner_url: str
    admin_url: str
    engine: Engine


@pytest.fixture(scope="session")
def scratch(request: pytest.FixtureRequest) -> Scratch:
    """The servers of this run."""
    return sharing.scratch(request.config)


@pytest.fixture(scope="session")
def worker_settings(scratch: Scratch, worker_number: int) -> Settings:
    """Development settings, with a database and a Redis number for this worker alone."""
    name = f"{scratch.prefix}_worker{worker_number}"
    scratch.create(name, template=scratch.template)
    return TestSettings(
        APP_ENV="development",
        DATABASE_URL=SecretStr(inside(scratch.app, name)),
        MIGRATE_DATABASE_URL=SecretStr(inside(scratch.owner, name)),
        REDIS_URL=SecretStr(scratch.redis_url(worker_number)),
        SECRET_KEY=SecretStr("test-secret-key-" * 3),
        SECRET=SecretStr("whsec_" + base64.b64encode(b"test-secret-" * 3).decode()),
        FIELD_KEYS=SecretStr(base64.urlsafe_b64encode(b"test-field-keys-" * 2).decode()),
        PIN_PEPPER=SecretStr("test-pin-pepper-" * 3),
    )


@pytest.fixture(scope="session")
def worker_number(request: pytest.FixtureRequest) -> int:
    """0 for the first of the processes that run the tests, and so on."""
    return sharing.worker_number(request.config)


@pytest.fixture(scope="session")
def worker_app(worker_settings: Settings) -> Generator[Flask]:
    """An app without pages, on this worker's database."""
    app = bare_app(worker_settings, worker_settings.database_url("user"))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def settings(request: pytest.FixtureRequest, worker_settings: Settings) -> Settings:
    """The settings of this test; their database is ``committed``'s if it has one."""
    if "committed" not in request.fixturenames:
        return worker_settings
    committed: Committed = request.getfixturevalue("committed")
    urls = {
        "DATABASE_URL": SecretStr(committed.url),
        "MIGRATE_DATABASE_URL": SecretStr(committed.owner_url),
    }
    return worker_settings.model_copy(update=urls)


@pytest.fixture
def connection(worker_app: Flask) -> Generator[Connection]:
    """One connection in one transaction, which is undone at the end, commits and all."""
    with worker_app.app_context():
        engine = db.engine
    with engine.connect() as connection:
        # A debugger may hold the test for longer than a request is allowed to idle.
        connection.exec_driver_sql("SET idle_in_transaction_session_timeout = 0")
        connection.commit()
        outer = connection.begin()
        yield connection
        outer.rollback()


@pytest.fixture
def session(
    worker_app: Flask, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> Generator[scoped_session[Session]]:
    """An app context whose session can commit as it likes: it is all undone."""
    with worker_app.app_context():
        bind(connection, monkeypatch)
        yield db.session
        db.session.remove()


@pytest.fixture
def committed(
    request: pytest.FixtureRequest, scratch: Scratch, worker_settings: Settings
) -> Generator[Committed]:
    """A fresh copy of the migrated database, and an app context bound to it."""
    if "session" in request.fixturenames:
        raise pytest.UsageError("a test has `session` or `committed`, not both")
    name = f"{scratch.prefix}_{worker_settings.redis_url.rpartition('/')[2]}_{next(_serial)}"
    with copied(scratch, name, worker_settings) as copy:
        yield copy


@contextmanager
def copied(scratch: Scratch, name: str, settings: Settings) -> Generator[Committed]:
    """A copy of the template of ``scratch``, called ``name``, for as long as this lasts."""
    scratch.create(name, template=scratch.template)
    url, owner, admin = (inside(u, name) for u in (scratch.app, scratch.owner, scratch.admin))
    app = bare_app(settings, sqlalchemy_url(url))
    with app.app_context():
        yield Committed(app, url, owner, admin, db.engine)
        db.session.remove()
        db.engine.dispose()
    scratch.drop(name)


@pytest.fixture
def redis(settings: Settings) -> Generator[Redis]:
    """Redis, empty."""
    with redis_client.connect(settings) as client:
        client.flushdb()
        yield client


@pytest.fixture
def test_bind(request: pytest.FixtureRequest) -> Bind:
    """What the apps of this test talk to the database through."""
    if "committed" in request.fixturenames:
        return request.getfixturevalue("committed").engine
    return request.getfixturevalue("connection")


@pytest.fixture(scope="session")
def worker_user_app(worker_settings: Settings) -> Flask:
    """The wallet, made once: making it is slow, binding it is not."""
    from batua_user import create_app

    return for_tests(create_app(worker_settings))


@pytest.fixture(scope="session")
def worker_bank_app(worker_settings: Settings) -> Flask:
    """The bank, made once."""
    from batua_bank import create_app

    return for_tests(create_app(worker_settings))


@pytest.fixture
def user_app(
    worker_user_app: Flask, test_bind: Bind, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> Flask:
    """The wallet, on the database of this test."""
    with worker_user_app.app_context():
        bind(test_bind, monkeypatch)
    return worker_user_app


@pytest.fixture
def bank_app(
    worker_bank_app: Flask, test_bind: Bind, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> Flask:
    """The bank, on the database of this test."""
    with worker_bank_app.app_context():
        bind(test_bind, monkeypatch)
    return worker_bank_app


@pytest.fixture
def user_client(user_app: Flask) -> FreshClient:
    """A browser at the wallet, signed out."""
    return fresh_client(user_app)


@pytest.fixture
def bank_client(bank_app: Flask) -> FreshClient:
    """A browser at the bank, signed out."""
    return fresh_client(bank_app)


def wait_until_sealable(seconds: float = 30) -> None:
    """Wait for the transactions that seals wait for: those of other tests on this server too."""
    ended = text(
        "SELECT pg_snapshot_xmin(pg_current_snapshot()) >"
        " (SELECT coalesce(max(xact), '0') FROM ledger.entry)"
    )
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with transaction():
            if db.session.scalar(ended):
                return
        time.sleep(0.02)
    raise AssertionError("a transaction on this server does not end")


def bind(to: Bind, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bind the current app's database to ``to`` until the test ends."""
    monkeypatch.setitem(db.engines, None, to)
    # In a transaction that is not ours to end, a commit releases a savepoint.
    db.session.configure(join_transaction_mode="create_savepoint")


def for_tests(app: Flask) -> Flask:
    """Let errors reach the test, and ``app.test_client()`` be a fresh one."""
    app.testing = True
    app.test_client_class = FreshClient
    return app


_serial = count()
