"""Changing what guards a customer's money, and ending sessions."""

import re
from uuid import UUID

from sqlalchemy import func, update

from batua_bank.pay.mpin import check as check_mpin
from batua_db import guesses, sessions
from batua_db.credentials import hash_password, hash_pin, verify_password
from batua_db.database import db, transaction
from batua_db.errors import NotFound, Refused
from batua_db.models.bank import Customer, Guess, Session

from . import access
from .access import Visitor

NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)
UP, DOWN = "0123456789012345", "5432109876543210"
FEWEST = 5  # different characters of a password


def change_mpin(
    customer: Customer, visitor: Visitor, *, password: str, mpin: str, new: str, again: str
) -> str:
    """Choose a new MPIN; answers the token of the one session that is left, which is new.

    Both secrets are asked for, and wrong tries at either count where they always do.
    """
    customer_id, token = customer.id, customer.session_token
    if new != again:
        raise Refused("The two are not the same. Type your new MPIN twice.", field="again")
    if len(set(new)) == 1 or new in UP or new in DOWN:
        raise Refused("This is the first that others would try. Choose another.", field="new")
    if new == mpin:
        raise Refused("This is your MPIN now. Choose another.", field="new")
    _check_password(customer, password)
    with transaction():
        wrong = check_mpin(customer, mpin)
    if wrong:
        raise wrong
    hashed = hash_pin(new)
    with transaction():
        guesses.clear(Guess, f"mpin:{customer_id}")
        _set(customer_id, mpin_hash=hashed, mpin_set_at=func.clock_timestamp())
        access.note(customer_id, "mpin_changed", visitor)
        return _begin_anew(customer_id, token, visitor)


def change_password(
    customer: Customer, visitor: Visitor, *, password: str, new: str, again: str
) -> str:
    """Choose a new password; answers the token of the one session that is left, which is new."""
    customer_id, number, token = customer.id, customer.number, customer.session_token
    if new != again:
        raise Refused("The two are not the same. Type your new password twice.", field="again")
    easy = customer.number in new or customer.name.casefold() in new.casefold()
    if easy or len(set(new)) < FEWEST:
        raise Refused("This is easily guessed. A short sentence is best.", field="new")
    if new == password:
        raise Refused("This is your password now. Choose another.", field="new")
    _check_password(customer, password)
    hashed = hash_password(new)
    with transaction():
        guesses.clear(Guess, f"password:{number}")
        _set(customer_id, password_hash=hashed, password_set_at=func.clock_timestamp())
        access.note(customer_id, "password_changed", visitor)
        return _begin_anew(customer_id, token, visitor)


def sign_out_others(customer: Customer, visitor: Visitor) -> None:
    """End every session of the customer but this one."""
    customer_id, token = customer.id, customer.session_token
    with transaction():
        sessions.end_others(Session, customer_id, keep=token)
        access.note(customer_id, "signed_out_others", visitor)


def sign_out_one(customer: Customer, visitor: Visitor, name: str) -> None:
    """End one session of the customer, by the name that it is listed with."""
    customer_id = customer.id
    with transaction():
        if not NAME.fullmatch(name) or not sessions.end_one(Session, customer_id, name):
            raise NotFound("This browser is not signed in any more.")
        access.note(customer_id, "signed_out_one", visitor)


def _set(customer_id: UUID, **values: object) -> None:
    db.session.execute(update(Customer).where(Customer.id == customer_id).values(**values))


def _begin_anew(customer_id: UUID, token: str, visitor: Visitor) -> str:
    """End all sessions, this one's old token included, and begin the one to go on with."""
    sessions.end_others(Session, customer_id, keep=token)
    sessions.end(Session, token)
    agent, address = visitor.agent, visitor.address
    return sessions.begin(Session, customer_id, agent=agent, address=address)


def _check_password(customer: Customer, typed: str) -> None:
    """Count the try, then look: as at the door, and against the same count."""
    subject, stored = f"password:{customer.number}", customer.password_hash
    with transaction():
        guesses.take(Guess, subject, guesses.PASSWORD)
    with guesses.evaluated(Guess, subject):
        right = verify_password(stored, typed)
    if not right:
        raise Refused("That is not your password.", field="password")
    with transaction():
        guesses.clear(Guess, subject)
