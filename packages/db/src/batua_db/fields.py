"""Personal data at rest: sealed so that the database alone does not tell it.

``seal`` encrypts with the first of ``FIELD_KEYS`` (Fernet: AES-128-CBC, HMAC-SHA256), and
``reveal`` reads what any of them sealed, so that keys rotate. What must be found by its value
has a ``fingerprint`` beside it: HMAC-SHA256 under a key derived from the same ones (HKDF,
RFC 5869), since a plain hash of ten digits is guessed in seconds.
"""

import hmac
from collections.abc import Sequence
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from batua_config.current import settings


class Unsealable(Exception):
    """None of our keys opens it: a key was taken away too early, or the row was changed."""


def seal(text: str) -> bytes:
    """Encrypt ``text`` with the newest key."""
    return _newest().encrypt(text.encode())


def reveal(sealed: bytes) -> str:
    """Decrypt what ``seal`` made under any of the keys; raises ``Unsealable``."""
    try:
        return MultiFernet(_ciphers()).decrypt(sealed).decode()
    except InvalidToken:
        raise Unsealable from None


def stale(sealed: bytes) -> bool:
    """Whether an older key sealed it, so that it is to be sealed anew."""
    try:
        _newest().decrypt(sealed)
    except InvalidToken:
        return True
    return False


def fingerprint(text: str) -> bytes:
    """What a row is found by, under the newest key: 32 bytes."""
    return fingerprints(text)[0]


def fingerprints(text: str) -> list[bytes]:
    """The same under every key, newest first, while rows of older ones are about."""
    return [hmac.digest(_finding(key), text.encode(), "sha256") for key in settings.field_keys]


def _newest() -> Fernet:
    return _ciphers()[0]


def _ciphers() -> Sequence[Fernet]:
    return [Fernet(key) for key in settings.field_keys]


@cache
def _finding(key: str) -> bytes:
    derived = HKDF(SHA256(), 32, salt=None, info=b"batua.field-fingerprint")
    return derived.derive(key.encode())
