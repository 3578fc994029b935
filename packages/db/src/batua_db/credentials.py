"""Passwords and PINs: argon2id, and never more than two at a time.

Parameters: OWASP's second choice (t=2, m=19 MiB, p=1), about 25 ms here. Hashing is
the dearest thing a stranger can ask of us, so it is bounded, and whoever can't have their
turn soon is asked to come back: a flood of sign-ins must not hold every thread of the
server. PINs are typed by people who are signed in, and have a gate of their own.
"""

import hmac
import re
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from batua_config.current import settings

from .errors import Unavailable

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
PASSWORDS, PINS = BoundedSemaphore(2), BoundedSemaphore(2)
SHORTEST_NEW_PASSWORD = 10
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}", re.ASCII)  # of staff
PATIENCE = 0.5  # seconds: some twenty tries ahead of this one


def hash_password(password: str) -> str:
    """Return the argon2id hash of ``password``; raises ``Unavailable`` in a flood."""
    with _turn(PASSWORDS):
        return HASHER.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Say whether ``password`` belongs to ``stored``; takes as long where there is none.

    Raises ``Unavailable`` in a flood.
    """
    with _turn(PASSWORDS):
        return _verify(stored, password)


def hash_pin(pin: str) -> str:
    """Hash a PIN with the pepper: six digits alone are guessed from a hash in hours."""
    with _turn(PINS):
        return HASHER.hash(_peppered(pin))


def verify_pin(stored: str | None, pin: str) -> bool:
    """Say whether ``pin`` belongs to ``stored``; raises ``Unavailable`` in a flood."""
    with _turn(PINS):
        return _verify(stored, _peppered(pin))


@contextmanager
def _turn(gate: BoundedSemaphore) -> Generator[None]:
    if not gate.acquire(timeout=PATIENCE):
        raise Unavailable("Very many people are signing in. Try again in a moment.", retry_after=2)
    try:
        yield
    finally:
        gate.release()


def _verify(stored: str | None, secret: str) -> bool:
    try:
        return HASHER.verify(stored or nobodys_hash(), secret) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def _peppered(pin: str) -> str:
    return hmac.digest(settings.pin_pepper, pin.encode(), "sha256").hex()


@cache
def nobodys_hash() -> str:
    """What a password is compared with where there is none, so that it takes as long."""
    return HASHER.hash("what is compared when there is nobody to compare with")
