"""Redis, or Valkey: for what may vanish at any moment."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from .settings import Settings


def connect(settings: Settings) -> Redis:
    """Return a client that gives up soon: no request may wait for Redis."""
    return Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
        settings.redis_url,
        socket_connect_timeout=0.5,
        socket_timeout=1,
        retry=Retry(NoBackoff(), 1),
        health_check_interval=30,
    )
