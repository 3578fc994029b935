"""The PIN: a person's word for each sum that leaves their wallet.

The try, the PIN's verdict and the money share one transaction: a wrong PIN leaves only
its count, and two tries at once wait for each other.
"""

from sqlalchemy import update

from batua_db import credentials, guesses
from batua_db.database import db
from batua_db.errors import DomainError, Refused
from batua_db.guesses import PIN, PIN_SPENT
from batua_db.models.wallet import Guess, User


class PinNeeded(Refused):
    """There is no PIN to ask for: none was chosen, or too many wrong ones ended it."""

    code = "pin_needed"


def require_pin(user: User) -> None:
    """Raise ``PinNeeded`` where a try would be no use."""
    if user.pin_hash is None:
        raise PinNeeded("Choose a PIN first: it guards each payment.")


def verdict(user: User, pin: str) -> DomainError | None:
    """Count the try, then look at the PIN, in the caller's transaction; ``None`` if it is right.

    What is wrong is returned and not raised, so that the caller commits its count.
    """
    subject = f"pin:{user.id}"
    tries = guesses.take(Guess, subject, PIN)
    if credentials.verify_pin(user.pin_hash, pin):
        guesses.clear(Guess, subject)
        return None
    if tries >= PIN_SPENT:
        db.session.execute(update(User).where(User.id == user.id).values(pin_hash=None))
        return PinNeeded("That was the tenth wrong PIN, so it no longer works. Choose a new one.")
    return Refused(_wrong(tries), field="pin")


def _wrong(tries: int) -> str:
    left = PIN.free - tries if tries < PIN.free else PIN_SPENT - tries
    if tries == PIN.free:
        return "That is not your PIN. Wait 15 minutes before the next try."
    return f"That is not your PIN. {left} {'tries' if left > 1 else 'try'} left."
