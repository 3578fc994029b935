"""Who may sign in. A stranger learns nothing here, not even which customer numbers exist."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from batua_bank.security import access
from batua_bank.security.access import Visitor
from batua_db import guesses, sessions
from batua_db.credentials import verify_password
from batua_db.database import db, transaction
from batua_db.errors import Refused
from batua_db.models.bank import Bank, Customer, Guess, Session


class WrongCredentials(Refused):
    """No such customer, or not their password: which of the two is not for us to say."""

    code = "wrong_credentials"

    def __init__(self) -> None:
        super().__init__("This customer ID and password don’t match. Check both, and try again.")


class OtherBank(Refused):
    """Right, but for another bank."""

    code = "other_bank"

    def __init__(self, wanted: str, own: str) -> None:
        super().__init__(
            f"This payment is at {wanted}, and your customer ID is of {own}."
            f" Sign in as a customer of {wanted}, or go back and choose {own}."
        )


class TooLate(Refused):
    """Right, but the desk gave it for a few days only."""

    code = "password_over"

    def __init__(self) -> None:
        super().__init__("This password has run out. Your branch gives you a new one.")


class _Known(NamedTuple):
    id: UUID
    password_hash: str
    bank_code: str
    bank_name: str
    over: bool


def sign_in(
    visitor: Visitor, *, customer_id: str, password: str, at: Bank | None = None, ending: str = ""
) -> Customer:
    """Begin a session of the customer with this number and password; ends the session ``ending``.

    With ``at``, only a customer of that bank is let in.
    """
    wanted = (at.code, at.name) if at else None
    subject = f"password:{customer_id}"
    place = guesses.this_hour(f"address:{visitor.address}")
    with transaction():
        guesses.take(Guess, subject, guesses.PASSWORD)
        guesses.take(Guess, place, guesses.ADDRESS)
        known = _find(customer_id)
        tried = access.note_try(customer_id, visitor)
    # The try is on record, and no connection is held while the password is hashed.
    with guesses.evaluated(Guess, subject, place):
        right = verify_password(known and known.password_hash, password)
    if not right or known is None:
        raise WrongCredentials
    with transaction():
        guesses.clear(Guess, subject)
        guesses.take_back(Guess, place)
        if known.over:
            raise TooLate
        if wanted is None or wanted[0] == known.bank_code:
            access.was_right(tried)
            return _begin(known.id, visitor, ending)
    raise OtherBank(wanted[1], known.bank_name)


def sign_out(customer: Customer) -> None:
    """End the session, for every copy of its cookie."""
    with transaction():
        sessions.end(Session, customer.session_token)


def _find(number: str) -> _Known | None:
    over = func.coalesce(Customer.starts_by < func.now(), False)
    row = db.session.execute(
        select(Customer.id, Customer.password_hash, Bank.code, Bank.name, over)
        .join(Bank, Bank.code == Customer.bank_code)
        .where(Customer.number == number)
    ).one_or_none()
    return _Known(*row) if row else None


def _begin(customer_id: UUID, visitor: Visitor, ending: str) -> Customer:
    if ending:
        sessions.end(Session, ending)
    token = sessions.begin(Session, customer_id, agent=visitor.agent, address=visitor.address)
    customer = db.session.get_one(Customer, customer_id)
    customer.session_token = token
    return customer
