"""What the desk reads of customers."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from batua_bank.accounts import queries as accounts
from batua_bank.accounts.queries import Holding
from batua_db import guesses
from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.bank import Bank, Customer, Guess, Session

MOST = 30


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as the desk sees them."""

    customer: Customer
    holdings: Sequence[Holding]
    sessions: int
    wrong_passwords: int
    wrong_mpins: int


def banks() -> Sequence[Bank]:
    """Every bank of ours."""
    return db.session.scalars(select(Bank).order_by(Bank.name)).all()


def search(name: str) -> Sequence[Customer]:
    """Customers by a part of their name."""
    return db.session.scalars(
        select(Customer)
        .where(Customer.name.icontains(name, autoescape=True))
        .order_by(Customer.name, Customer.number)
        .limit(MOST)
    ).all()


def find(customer_id: UUID) -> Customer:
    """A customer by their id."""
    found = db.session.get(Customer, customer_id, populate_existing=True)
    if found is None:
        raise NotFound("There is no such customer.")
    return found


def person(customer_id: UUID) -> Person:
    """All about a customer."""
    customer = find(customer_id)
    alive = (Session.owner_id == customer.id, Session.expires_at > func.now())
    return Person(
        customer=customer,
        holdings=accounts.holdings(customer),
        sessions=db.session.scalars(select(func.count()).where(*alive)).one(),
        wrong_passwords=guesses.count(Guess, f"password:{customer.number}"),
        wrong_mpins=guesses.count(Guess, f"mpin:{customer.id}"),
    )
