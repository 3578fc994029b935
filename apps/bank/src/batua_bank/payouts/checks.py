"""Account checks: does an account belong to whom the platform thinks?

What isn't there and what is somebody else's get the same answer, and asking is bounded:
nobody maps our customers by their numbers.
"""

from typing import NamedTuple

from batua_db import guesses
from batua_db.database import transaction
from batua_db.guesses import Rule
from batua_db.models.bank import Guess

from .service import find_account, same_name

CHECKS = Rule(2000, (60,))  # of one client in an hour


class Check(NamedTuple):
    """Whether the name fits; then also the name, as the bank has it, but for most letters."""

    matches: bool
    holder_masked: str | None


def check(client: str, *, account_number: str, ifsc: str, holder: str) -> Check:
    """Compare a name with the holder's of an account."""
    with transaction():
        guesses.take(Guess, guesses.this_hour(f"account-check:{client}"), CHECKS)
        found = find_account(account_number, ifsc)
    if found is None or not same_name(found[1], holder):
        return Check(matches=False, holder_masked=None)
    return Check(matches=True, holder_masked=" ".join(map(_mask, found[1].split())))


def _mask(word: str) -> str:
    return word[0] + "*" * (len(word) - 1)
