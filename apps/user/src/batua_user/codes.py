"""Codes by SMS: six digits that prove a phone, for one purpose, once.

A code lives for five minutes and five tries. A try is counted and committed before it
is compared, so that a hundred at once are no more than five.
"""

import hmac
import secrets
from datetime import timedelta
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from batua_config.current import settings
from batua_db import guesses
from batua_db.database import db, transaction
from batua_db.errors import Refused, TooMany
from batua_db.guesses import Rule
from batua_db.models.wallet import Code, Guess

from .messages.service import send_sms

Purpose = Literal["register", "pin"]
LIFE = timedelta(minutes=5)
TRIES = 5
PAUSE = timedelta(seconds=30)  # between two for the same purpose
SMS = Rule(5, (3600,))  # to one number: five, then one an hour


def send(purpose: Purpose, subject: UUID, *, phone: str, text: str) -> None:
    """Send a new code to ``phone`` when the caller commits.

    ``text`` says where the code goes with ``{code}``; without it the same work is done,
    but nobody learns the code. Raises ``TooMany`` when too many were sent, or one just now.
    """
    _pause(purpose, subject)
    guesses.take(Guess, f"sms:{purpose}:{phone}", SMS)
    code = _keep(purpose, subject)
    told = "{code}" in text and not settings.production
    send_sms(phone, text.format(code=code), code=code if told else None)


def check(purpose: Purpose, subject: UUID, *, phone: str, typed: str) -> UUID:
    """Compare what was typed with the latest code; returns the code's id, to ``spend``."""
    with transaction():
        guesses.take(Guess, _tries_at(purpose, phone), guesses.PASSWORD)
        found = db.session.execute(_count_a_try(purpose, subject)).one_or_none()
    if found is None:
        raise Refused("This code is no longer good. Ask for a new one.", field="code")
    if not hmac.compare_digest(found.code_hash, _hash(found.id, typed)):
        raise Refused(_wrong(TRIES - found.tries), field="code")
    return found.id


def spend(purpose: Purpose, code_id: UUID, *, phone: str) -> None:
    """Use a code up in the caller's transaction: of two at once, one gets it.

    The count comes before the code, as where one is checked: the other order could deadlock.
    """
    guesses.clear(Guess, _tries_at(purpose, phone))
    used = (
        update(Code)
        .where(Code.id == code_id, Code.used_at.is_(None))
        .values(used_at=func.clock_timestamp())
        .returning(Code.id)
    )
    if db.session.scalar(used) is None:
        raise Refused("This code was used already. Ask for a new one.", field="code")


def is_on_its_way(purpose: Purpose, subject: UUID) -> bool:
    """Whether a code was sent that is still good."""
    alive = (Code.used_at.is_(None), Code.expires_at > func.clock_timestamp())
    mine = (Code.purpose == purpose, Code.subject == subject)
    return db.session.scalar(select(Code.id).where(*mine, *alive).limit(1)) is not None


def _tries_at(purpose: Purpose, phone: str) -> str:
    """Counted by purpose: who registers with my number must not spend the tries at my PIN."""
    return f"code:{purpose}:{phone}"


def _pause(purpose: Purpose, subject: UUID) -> None:
    mine = (Code.purpose == purpose, Code.subject == subject)
    left = select(func.max(Code.created_at) + PAUSE - func.clock_timestamp()).where(*mine)
    wait: timedelta | None = db.session.scalar(left)
    if wait is not None and wait > timedelta(0):
        seconds = max(1, -(-wait // timedelta(seconds=1)))
        raise TooMany(f"A code was just sent. Wait {seconds} seconds.", retry_after=seconds)


def _keep(purpose: Purpose, subject: UUID) -> str:
    code, code_id = f"{secrets.randbelow(10**6):06}", uuid4()
    db.session.add(
        Code(
            id=code_id,
            purpose=purpose,
            subject=subject,
            code_hash=_hash(code_id, code),
            expires_at=func.clock_timestamp() + LIFE,
        )
    )
    return code


def _count_a_try(purpose: Purpose, subject: UUID) -> ReturningUpdate[UUID, bytes, int]:
    mine = (Code.purpose == purpose, Code.subject == subject)
    latest = select(Code.id).where(*mine).order_by(Code.created_at.desc()).limit(1)
    good = (Code.used_at.is_(None), Code.expires_at > func.clock_timestamp(), Code.tries < TRIES)
    return (
        update(Code)
        .where(Code.id == latest.scalar_subquery(), *good)
        .values(tries=Code.tries + 1)
        .returning(Code.id, Code.code_hash, Code.tries)
    )


def _hash(code_id: UUID, code: str) -> bytes:
    """Keyed: a million codes are hashed in a second, by whoever has only the database."""
    return hmac.digest(settings.pin_pepper, code_id.bytes + code.encode(), "sha256")


def _wrong(left: int) -> str:
    if left == 0:
        return "That is not the code, and it is spent now. Ask for a new one."
    return f"That is not the code. {left} {'tries' if left > 1 else 'try'} left."
