"""Cached reads: what costs PostgreSQL much and Redis little, and may be lost at any moment.

Only what ``docs/performance.md`` measures to be worth it. A value has one owner, who is part
of its key, so that nobody meets another's, and few ask for it at once. Redis that is down,
slow, full or empty costs time and never the page.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

from flask import Flask, current_app
from redis import Redis
from redis.exceptions import RedisError
from werkzeug.local import LocalProxy

EXTENSION = "batua_cache"
SHAPE = 1  # count on when what is kept looks otherwise: older values are then never read
REST = 10.0  # seconds without Redis once it did not answer: no page waits for it twice
VERSIONS_LIVE = timedelta(days=1)  # longer than any value

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept, whose it is, and which part of it."""

    what: str
    owner: UUID
    part: str = ""

    @property
    def value(self) -> str:
        """Where it is kept."""
        return f"cache:{SHAPE}:{self.what}:{self.owner}:{self.part}"

    @property
    def version(self) -> str:
        """Where it is written that all parts of it have changed."""
        return f"cache:{SHAPE}:{self.what}:{self.owner}/version"


class Cache:
    """Values in Redis, shared by the processes of the wallet."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._rests_until = 0.0

    def read(self, key: Key, compute: Callable[[], V], *, lives: timedelta) -> V:
        """What is kept, or what ``compute`` finds, which is then kept: plain values, as in JSON.

        What was computed before the owner's values were forgotten is not found after it.
        """
        found = self._ask(lambda redis: cast("list[Any]", redis.mget(key.version, key.value)))
        if found is None:
            return compute()
        version = found[0].decode() if found[0] else ""
        kept = _opened(found[1], version)
        if kept is not None:
            return kept
        value = compute()
        text = json.dumps([version, value])
        self._ask(lambda redis: redis.set(key.value, text, ex=lives))
        return value

    def forget(self, key: Key) -> None:
        """Let every part of what is kept be computed anew. Call it once the change is committed."""
        self._ask(lambda redis: redis.set(key.version, uuid4().hex, ex=VERSIONS_LIVE))

    def _ask(self, question: Callable[[Redis], V]) -> V | None:
        if time.monotonic() < self._rests_until:
            return None
        try:
            return question(self._redis)
        except RedisError:
            self._rests_until = time.monotonic() + REST
            return None


def init_app(app: Flask) -> None:
    """Give ``app`` its cache."""
    app.extensions[EXTENSION] = Cache(app.extensions["redis"])


def _opened(text: bytes | None, version: str) -> Any:
    """What was kept under this version; nothing if there is none, or it can't be read."""
    try:
        written, value = json.loads(text or b"")
    except (ValueError, TypeError):
        return None
    return value if written == version else None


cache = cast(Cache, LocalProxy(lambda: current_app.extensions[EXTENSION]))
