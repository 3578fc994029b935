"""The database: one declarative base, one session, and where a transaction begins and ends."""

import select
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from psycopg.errors import IdleInTransactionSessionTimeout
from sqlalchemy import Engine, MetaData, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import Pool

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# A request that waits for longer than these has lost its reader.
TIMEOUTS = (
    "-c statement_timeout=5s -c lock_timeout=2s -c idle_in_transaction_session_timeout=10s"
    " -c timezone=UTC"
)


class Base(DeclarativeBase):
    """What every model descends from."""

    metadata = MetaData(naming_convention=NAMES)


db = SQLAlchemy(model_class=Base)


def configure(app: Flask, url: str, *, pool_size: int = 8) -> None:
    """Bind ``app`` to the database at ``url``."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_size": pool_size,
        "max_overflow": pool_size,
        "pool_timeout": 0.8,  # then 503: a queue of waiting threads helps nobody
        "hide_parameters": True,  # an error's text ends in a log
        "connect_args": {"options": TIMEOUTS, "connect_timeout": 3},
    }
    db.init_app(app)


@contextmanager
def transaction() -> Generator[None]:
    """Commit if the block succeeds; undo all of it if the block raises. Does not nest."""
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


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
