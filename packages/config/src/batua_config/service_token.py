"""How a client of the bank proves who it is, and that its call was not changed.

A token covers the client, the time, method, path with query, a hash of the body and
the idempotency key. A replay within its life repeats the first answer and does nothing.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from itsdangerous import BadData, URLSafeTimedSerializer

SALT = "batua.bank-api"
OLDEST = 360  # seconds: five minutes, and one for a slow network
NEWEST = -300  # seconds: a clock that runs ahead


class BadToken(Exception):
    """The token is missing, forged, stale, or belongs to another call."""


def sign(
    secrets: Sequence[str],
    client: str,
    *,
    method: str,
    path_and_query: str,
    body: bytes = b"",
    key: str = "",
) -> str:
    """Sign a call with the first of ``secrets``."""
    terms = _terms(client, method, path_and_query, body, key)
    return str(URLSafeTimedSerializer(secrets[0], salt=SALT).dumps(terms))


def claimed_client(token: str) -> str:
    """Return whose a token says it is, to look their secrets up: nothing is verified yet."""
    try:
        _, terms = URLSafeTimedSerializer("", salt=SALT).loads_unsafe(token)
    except (BadData, ValueError, OverflowError, RecursionError):
        raise BadToken from None
    return _client_of(terms)


def verify(
    secrets: Sequence[str],
    token: str,
    *,
    method: str,
    path_and_query: str,
    body: bytes = b"",
    key: str = "",
) -> str:
    """Return the client that signed this very call with any secret; raises ``BadToken``."""
    for secret in secrets:
        try:
            # itsdangerous takes the age of a token from the future as an error of its own
            # making, so the time is checked here.
            terms, signed_at = URLSafeTimedSerializer(secret, salt=SALT).loads(
                token, return_timestamp=True
            )
        except (BadData, ValueError, OverflowError, RecursionError):
            continue
        return _checked(terms, signed_at, (method, path_and_query, body, key))
    raise BadToken


def _checked(terms: object, signed_at: datetime, call: tuple[str, str, bytes, str]) -> str:
    age = (datetime.now(UTC) - signed_at).total_seconds()
    client = _client_of(terms)
    if terms != _terms(client, *call) or not NEWEST <= age <= OLDEST:
        raise BadToken
    return client


def _client_of(terms: object) -> str:
    if isinstance(terms, list) and terms and isinstance(terms[0], str):
        return terms[0]
    raise BadToken


def _terms(client: str, method: str, path_and_query: str, body: bytes, key: str) -> list[str]:
    return [client, method, path_and_query, hashlib.sha256(body).hexdigest(), key]
