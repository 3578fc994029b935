"""The MPIN: six digits, and few tries."""

from batua_db import guesses
from batua_db.credentials import verify_pin
from batua_db.models.bank import Customer, Guess

from .refusals import MpinLocked, WrongMpin


def check(customer: Customer, mpin: str) -> WrongMpin | None:
    """Count a try and look at it; clears the count if it was right.

    Returns a wrong try instead of raising it: the caller's transaction must commit, so
    that it stays counted. Holds the customer's count until then, so that tries at once
    wait for each other.
    """
    subject = f"mpin:{customer.id}"
    count = guesses.take(Guess, subject, guesses.PIN)
    if count > guesses.PIN_SPENT:
        raise MpinLocked(guesses.FORGOTTEN)
    if not verify_pin(customer.mpin_hash, mpin):
        return WrongMpin(_left(count))
    guesses.clear(Guess, subject)
    return None


def tries_left(customer: Customer) -> int | None:
    """How many wrong MPINs are left before one must wait; none said until one was wrong."""
    count = guesses.count(Guess, f"mpin:{customer.id}")
    return _left(count) if count else None


def _left(count: int) -> int:
    free = guesses.PIN.free
    return free - count if count < free else max(0, guesses.PIN_SPENT - count)
