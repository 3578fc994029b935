"""How a client of the bank proves who it is, and that its call was not changed.

A token covers the client, the time, method, path with query, a hash of the body and
the idempotency key. A replay within its life repeats the first answer and does nothing.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple, cast

from itsdangerous import BadData, BadTimeSignature, URLSafeTimedSerializer

SALT = "batua.bank-api"
OLDEST = 360  # seconds: five minutes, and one for a slow network
NEWEST = -300  # seconds: a clock that runs ahead
UNREADABLE = (BadData, ValueError, OverflowError, RecursionError)


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
    terms = [client, method, path_and_query, hash_body(body), key]
    return str(URLSafeTimedSerializer(secrets[0], salt=SALT).dumps(terms))


class Claim(NamedTuple):
    """What a token says. Nothing of it is proven yet."""

    client: str
    method: str
    path_and_query: str
    body_sha256: str
    key: str
    signed_at: datetime

    @property
    def in_time(self) -> bool:
        """Whether it is fresh enough, and not from too far ahead."""
        return NEWEST <= (datetime.now(UTC) - self.signed_at).total_seconds() <= OLDEST


def read(token: str) -> Claim:
    """Return what a token says, without proof; raises ``BadToken`` where it can't be read."""
    try:
        URLSafeTimedSerializer("", salt=SALT).loads(token)
    except BadTimeSignature as error:  # of course: nobody signs with an empty secret
        signed_at, payload = error.date_signed, error.payload
    except UNREADABLE:
        raise BadToken from None
    else:
        raise BadToken
    try:
        said: object = URLSafeTimedSerializer("", salt=SALT).load_payload(payload or b"")
    except UNREADABLE:
        raise BadToken from None
    terms = cast(list[object], said) if isinstance(said, list) else []
    texts = [each for each in terms if isinstance(each, str)]
    if signed_at is None or not len(texts) == len(terms) == 5:
        raise BadToken
    client, method, path_and_query, body_sha256, key = texts
    return Claim(client, method, path_and_query, body_sha256, key, signed_at)


def claimed_client(token: str) -> str:
    """Return whose a token says it is, to look their secrets up: nothing is verified yet."""
    return read(token).client


def signed_by(secrets: Sequence[str], token: str) -> str | None:
    """Return which of ``secrets`` signed a token, whatever it says, and however old it is."""
    for secret in secrets:
        try:
            URLSafeTimedSerializer(secret, salt=SALT).loads(token)
        except UNREADABLE:
            continue
        return secret
    return None


def hash_body(body: bytes) -> str:
    """What a token holds of a body."""
    return hashlib.sha256(body).hexdigest()


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
    # The age is checked here: itsdangerous takes a token from the future for an error.
    claim = read(token)
    call = [claim.client, method, path_and_query, hash_body(body), key]
    if signed_by(secrets, token) is None or list(claim[:5]) != call or not claim.in_time:
        raise BadToken
    return claim.client
