"""Reads that tolerate lag: from a replica that streams from the primary, if there is one.

A page that tolerates lag reads the replica while that has replayed something within
``FRESH``: nobody sees what is older. When nothing happens the primary is read, which has
nothing else to do then. A person who has just done something reads the primary for
``AFTER_AN_ACT``, which is longer, so whatever they did is on every page they open. All
else, and all that writes, is at the primary.

A replica that does not answer in time is left alone for ``LEFT_ALONE``, and the primary is
read. Nothing depends on it.
"""

import time
from collections.abc import MutableMapping
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from flask_sqlalchemy.session import Session
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DBAPIError, TimeoutError

REPLICA = "replica"  # the name of its engine

# Seconds.
FRESH = 10
AFTER_AN_ACT = 15
LEFT_ALONE = 5.0
PATIENCE = 4.0  # for a whole statement: longer than the replica gives it, so it is away
CONNECTING = 2

# What a request may take there, and that it can't write, wherever the address leads.
OPTIONS = "-c statement_timeout=3s -c lock_timeout=1s -c default_transaction_read_only=on"
FAILURES = (DBAPIError, TimeoutError)
IS_FRESH = text(f"SELECT now() - pg_last_xact_replay_timestamp() < interval '{FRESH} seconds'")

_away_until: MutableMapping[Engine, float] = WeakKeyDictionary()


class ReadingSession(Session):
    """A session at the primary, until a page says that it tolerates lag.

    ``lags`` says that it did: from then on it only reads, wherever that is.
    """

    lags = False
    _replica: Engine | None = None

    def get_bind(
        self,
        mapper: Any | None = None,
        clause: Any | None = None,
        bind: Engine | Connection | None = None,
        **kwargs: Any,
    ) -> Engine | Connection:
        """Choose where a statement goes."""
        return super().get_bind(mapper, clause, bind or self._replica, **kwargs)

    @property
    def at_replica(self) -> bool:
        """Whether the replica is read."""
        return self._replica is not None

    def tolerate_lag(self) -> None:
        """Only read from here on: at the replica, if it is there and fresh."""
        self.lags = True
        engine = self._db.engines.get(REPLICA)
        if engine is None or time.monotonic() < _away_until.get(engine, 0):
            return
        # The primary's connection is free for others, and what was read is still known.
        self.expire_on_commit = False
        self.commit()
        self._replica = engine
        try:
            fresh = self.scalar(IS_FRESH)
        except FAILURES:
            self.leave_replica(failed=True)
        else:
            if not fresh:
                self.leave_replica()

    def leave_replica(self, *, failed: bool = False) -> None:
        """Read the primary instead; if the replica ``failed``, so do others for a while."""
        if self._replica is not None and failed:
            _away_until[self._replica] = time.monotonic() + LEFT_ALONE
        self.rollback()
        self._replica = None


class Impatient(psycopg.Connection[Any]):
    """A connection that is given up where the server says nothing, also not that it is late."""

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer, for ``PATIENCE`` at most."""
        try:
            return super().wait(gen, interval, PATIENCE)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


def options(url: str) -> dict[str, Any]:
    """What the engine of the replica at ``url`` is made with."""
    arguments = {"options": OPTIONS + " -c timezone=UTC", "connect_timeout": CONNECTING}
    return {"url": url, "connect_args": arguments, "pool_timeout": 0.5, "hide_parameters": True}


def make_impatient(engine: Engine) -> None:
    """Let the connections of ``engine`` be given up in time."""

    def connect(_dialect: Any, _record: Any, arguments: Any, named: Any) -> Impatient:
        return Impatient.connect(*arguments, **named)

    event.listen(engine, "do_connect", connect)
