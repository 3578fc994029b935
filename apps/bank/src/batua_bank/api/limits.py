"""How often a client may call: counted in Redis for all processes, or by each when it is away.

The wait after Redis failed is ours too: without it each call would first run into its
silence again.
"""

import time
from typing import cast

import redis.exceptions
from flask import Flask, current_app
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter
from redis import Redis
from werkzeug.local import LocalProxy

from batua_config import logs
from batua_config.current import settings
from batua_config.settings import Settings
from batua_db.errors import TooMany

log = logs.get(__name__)

EXTENSION = "api_throttle"
REST = 5.0  # seconds that Redis is left alone after it failed


class RateLimited(TooMany):
    """The client called too often this minute."""

    code = "rate_limited"

    def __init__(self, wait: int) -> None:
        in_words = f"{wait} seconds" if wait > 1 else "a second"
        super().__init__(f"Too many calls. Wait {in_words}, then go on.", retry_after=wait)


class Throttle:
    """Counts the calls of each client; one per app, shared by its threads."""

    def __init__(self, shared: Redis, own: Settings) -> None:
        storage = RedisStorage(own.redis_url, connection_pool=shared.connection_pool)
        self._shared = FixedWindowRateLimiter(storage)
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._rests_until = 0.0

    def count(self, client: str) -> None:
        """Count a call; raises ``RateLimited`` if it is one too many."""
        limit = RateLimitItemPerMinute(settings.API_CALLS_PER_MINUTE)
        wait = self._wait(limit, client)
        if wait:
            raise RateLimited(wait)

    def _wait(self, limit: RateLimitItemPerMinute, client: str) -> int:
        if time.monotonic() >= self._rests_until:
            try:
                return _hit(self._shared, limit, client)
            except redis.exceptions.RedisError as error:
                self._rests_until = time.monotonic() + REST
                log.warning("calls are counted without redis", error=type(error).__name__)
        return _hit(self._own, limit, client)


def _hit(counter: FixedWindowRateLimiter, limit: RateLimitItemPerMinute, client: str) -> int:
    """Count a call; how many seconds to wait if it is one too many, else 0."""
    if counter.hit(limit, "api", client):
        return 0
    stats = counter.get_window_stats(limit, "api", client)
    return max(1, round(stats.reset_time - time.time() + 0.5))


def init_app(app: Flask, own: Settings) -> None:
    """Give ``app`` its counts."""
    app.extensions[EXTENSION] = Throttle(app.extensions["redis"], own)


throttle = cast(Throttle, LocalProxy(lambda: current_app.extensions[EXTENSION]))
