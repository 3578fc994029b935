"""Passwords and PINs: argon2id, and never more than two at a time.

Parameters: OWASP's second choice (t=2, m=19 MiB, p=1), about 25 ms here. Hashing is
the dearest thing a stranger can ask of us, so it is bounded: a flood of sign-ins waits
for its turn while transfers go on.
"""

import hmac
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from batua_config.current import settings

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
GATE = BoundedSemaphore(2)


def hash_password(password: str) -> str:
    """Return the argon2id hash of ``password``."""
    with GATE:
        return HASHER.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Say whether ``password`` belongs to ``stored``; takes as long where there is none."""
    with GATE:
        try:
            return HASHER.verify(stored or _dummy(), password) and bool(stored)
        except (VerificationError, InvalidHashError):
            return False


def hash_pin(pin: str) -> str:
    """Hash a PIN with the pepper: six digits alone are guessed from a hash in hours."""
    return hash_password(_peppered(pin))


def verify_pin(stored: str | None, pin: str) -> bool:
    """Say whether ``pin`` belongs to ``stored``."""
    return verify_password(stored, _peppered(pin))


def _peppered(pin: str) -> str:
    return hmac.digest(settings.pin_pepper, pin.encode(), "sha256").hex()


@cache
def _dummy() -> str:
    return HASHER.hash("what is compared when there is nobody to compare with")
