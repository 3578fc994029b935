"""The database: one declarative base, one session, and where a transaction begins and ends."""

import select
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from psycopg.errors import IdleInTransactionSessionTimeout
from sqlalchemy import Engine, MetaData, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import Pool

from batua_config.settings import SettingsError

from . import replica
from .replica import REPLICA, ReadingSession

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# A request that waits for longer than these has lost its reader.
TIMEOUTS = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
}
SESSION = TIMEOUTS | {"timezone": "UTC"}

# A session of ours begins with these. In a pool it is another's before and after: there the
# role has them, and nothing may be prepared for a later transaction.
_DIRECT = {"options": " ".join(f"-c {name}={value}" for name, value in SESSION.items())}
_POOLED = {"prepare_threshold": None}


class Base(DeclarativeBase):
    """What every model descends from."""

    metadata = MetaData(naming_convention=NAMES)


db = SQLAlchemy(model_class=Base, session_options={"class_": ReadingSession})


def configure(
    app: Flask, url: str, *, read_url: str | None = None, pooled: bool = False, pool_size: int = 8
) -> None:
    """Bind ``app`` to the database at ``url``, and to a replica at ``read_url`` for some pages.

    ``pooled``: a pool of connections is in between, which gives each transaction another.
    """
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_size": pool_size,
        "max_overflow": pool_size,
        "pool_timeout": 0.8,  # then 503: a queue of waiting threads helps nobody
        "hide_parameters": True,  # an error's text ends in a log
        "connect_args": {"connect_timeout": 3} | (_POOLED if pooled else _DIRECT),
    }
    if read_url:
        app.config["SQLALCHEMY_BINDS"] = {REPLICA: replica.options(read_url)}
    db.init_app(app)
    with app.app_context():
        if pooled:
            event.listen(db.engine, "connect", _refuse_endless)
        if read_url:
            replica.make_impatient(db.engines[REPLICA])


def reading() -> ReadingSession:
    """The session of this moment, which knows where it reads."""
    return cast(ReadingSession, db.session())


@contextmanager
def transaction() -> Generator[None]:
    """Commit if the block succeeds; undo all of it if the block raises. Does not nest."""
    if reading().lags:
        raise RuntimeError("a page that tolerates lag writes nothing")
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


def _refuse_endless(connection: Any, _record: Any) -> None:
    """Refuse a pool whose role has no limits: there we can't set our own."""
    shown = ", ".join(f"current_setting('{name}')" for name in TIMEOUTS)
    limits = connection.execute(f"SELECT {shown}").fetchone()
    connection.rollback()
    if "0" in limits:
        raise SettingsError(
            f"DATABASE_POOLED: the role of DATABASE_URL needs {', '.join(TIMEOUTS)};"
            " ALTER ROLE … SET gives it them"
        )


@event.listens_for(Pool, "checkout")
def _discard_dead(connection: Any, _record: Any, _proxy: Any) -> None:
    """Replace a connection whose server went away, without a round trip to find out.

    A server that ends closes the socket, and a closed socket is readable at once; one
    that is alive has nothing to say between two statements.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN | select.POLLHUP)
    if poll.poll(0):
        raise DisconnectionError("the server closed this connection")


@event.listens_for(Engine, "handle_error")
def _idled_too_long(context: ExceptionContext) -> OperationalError | None:
    """Say "not answering" where the server ended a transaction that idled too long.

    PostgreSQL calls it an internal error, but it is a machine too busy to go on.
    """
    error = context.original_exception
    if not isinstance(error, IdleInTransactionSessionTimeout):
        return None
    return OperationalError(context.statement, None, error, hide_parameters=True)
