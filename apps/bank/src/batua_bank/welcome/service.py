"""Beginning: what the desk gave is taken back for what the customer chooses."""

from sqlalchemy import update

from batua_db import credentials, sessions
from batua_db.database import db, transaction
from batua_db.errors import Conflict, Refused
from batua_db.models.bank import Customer, Session


def begin(customer: Customer, *, password: str, mpin: str) -> None:
    """Keep what they chose, once; every other session of theirs ends.

    Raises ``Refused`` where the password is the one that they were given.
    """
    customer_id, given, token = customer.id, customer.password_hash, customer.session_token
    if credentials.verify_password(given, password):
        raise Refused("Choose another than the one you were given.", field="password")
    chosen = {
        "password_hash": credentials.hash_password(password),
        "mpin_hash": credentials.hash_pin(mpin),
        "starts_by": None,
    }
    with transaction():
        mine = (Customer.id == customer_id, Customer.password_hash == given)
        begun = update(Customer).where(*mine, Customer.starts_by.is_not(None))
        if db.session.scalar(begun.values(**chosen).returning(Customer.id)) is None:
            raise Conflict("This was done before. Sign in with what you chose.")
        sessions.end_others(Session, customer_id, keep=token)
