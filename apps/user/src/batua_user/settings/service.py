"""The PIN that guards payments, and the devices that are signed in."""

from uuid import UUID

from sqlalchemy import func, update

from batua_db import credentials, guesses, sessions
from batua_db.database import db, transaction
from batua_db.errors import Refused
from batua_db.models.wallet import Guess, Session, User
from batua_user import codes
from batua_user.devices import service as devices
from batua_user.messages.service import require_provider

CODE_TEXT = "{code} is your code to choose a new Batua PIN, good for 5 minutes. Tell it to nobody."


def pin_is_spent(user: User) -> bool:
    """Whether too many wrong PINs have ended the one there was."""
    return user.pin_hash is None and user.pin_set_at is not None


def set_pin(
    user: User,
    *,
    password: str,
    pin: str,
    pin_again: str,
    code: str | None = None,
    agent: str,
    address: str,
) -> str:
    """Choose the PIN; returns the token of the session that takes the place of this one."""
    if pin != pin_again:
        raise Refused("The two are not the same. Type your new PIN twice.", field="pin_again")
    user_id, phone, spent, old_token = user.id, user.phone, pin_is_spent(user), user.session_token
    _check_password(user_id, phone, user.password_hash, password)
    code_id = codes.check("pin", user_id, phone=phone, typed=code or "") if spent else None
    pin_hash = credentials.hash_pin(pin)
    with transaction():
        if code_id:
            codes.spend("pin", code_id, phone=phone)
        # Counts before people, as where a PIN is checked: the other order could deadlock.
        guesses.clear(Guess, f"pin:{user_id}")
        guesses.clear(Guess, f"password:{phone}")
        db.session.execute(
            update(User)
            .where(User.id == user_id)
            .values(pin_hash=pin_hash, pin_set_at=func.clock_timestamp())
        )
        sessions.end(Session, old_token)
        return sessions.begin(Session, user_id, agent=agent, address=address)


def send_code(user: User) -> None:
    """Send the code that a new PIN needs after too many wrong ones."""
    require_provider()
    if not pin_is_spent(user):
        raise Refused("You need no code: your password is enough.")
    with transaction():
        codes.send("pin", user.id, phone=user.phone, text=CODE_TEXT)


def sign_out_others(user: User) -> None:
    """End every session of ``user`` but this one; their devices are new when they come back."""
    user_id, token, device = user.id, user.session_token, user.device_token
    with transaction():
        sessions.end_others(Session, user_id, keep=token)
        devices.forget_others(user_id, keep=device)


def _check_password(user_id: UUID, phone: str, stored: str, typed: str) -> None:
    """Count the try, then look: as at the door, and against the same count."""
    subject = f"password:{phone}"
    with transaction():
        guesses.take(Guess, subject, guesses.PASSWORD)
    with guesses.evaluated(Guess, subject):
        right = credentials.verify_password(stored, typed)
    if not right:
        raise Refused("That is not your password.", field="password")
