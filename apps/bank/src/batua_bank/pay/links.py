"""Payment links: known to Redis for five minutes, and to nobody else by name.

The token is derived from the session's id, so that it is stored nowhere and the answer to
a repeated call can still name it. PostgreSQL and Redis know its SHA-256.
"""

import base64
import hashlib
import hmac
from datetime import timedelta
from uuid import UUID

from redis.exceptions import RedisError

from batua_bank.extensions import redis
from batua_config.current import settings
from batua_db.errors import Unavailable

LIFE = timedelta(seconds=300)
PURPOSE = b"batua.payment-link:"


def token_of(session_id: UUID) -> str:
    """The secret part of a session's link: 256 bits that only this bank can make."""
    digest = hmac.digest(settings.secret_key.encode(), PURPOSE + session_id.bytes, "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def url_of(session_id: UUID) -> str:
    """Where the customer pays."""
    return f"{settings.public_url('bank')}/pay/{token_of(session_id)}"


def hash_token(token: str) -> bytes:
    """What is stored of a token; 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def publish(session_id: UUID) -> None:
    """Let the link of a session work from now on, for five minutes."""
    try:
        redis.set(_key(hash_token(token_of(session_id))), str(session_id), ex=LIFE)
    except RedisError:
        raise _no_redis() from None


def is_live(token_hash: bytes, session_id: UUID) -> bool:
    """Whether the link still works; one that is missing has expired, by time or by flush."""
    try:
        return redis.get(_key(token_hash)) == str(session_id).encode()
    except RedisError:
        raise _no_redis() from None


def _key(token_hash: bytes) -> str:
    return f"pay:{token_hash.hex()}"


def _no_redis() -> Unavailable:
    return Unavailable(
        "Payments can’t be started or approved this moment. Nothing was done, and no money"
        " moved. Try again in a few seconds.",
        retry_after=2,
    )
