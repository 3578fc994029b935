"""Who signed in as a customer or tried to, and what was changed: written down where it happens."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import Text, Uuid, insert, literal, select, update

from batua_db.database import db
from batua_db.models.bank import Customer
from batua_db.models.netbanking import Access, AccessKind

SHOWN = 30


class Visitor(NamedTuple):
    """Where a request comes from."""

    address: str
    agent: str


def note_try(number: str, visitor: Visitor) -> UUID | None:
    """Write a try down before it is looked at; the caller commits.

    One statement, whether there is such a customer or not: how long it takes tells nothing.
    """
    values = (literal(uuid4(), Uuid()), Customer.id, literal("refused", Text))
    tried = select(*values, literal(visitor.agent[:200]), literal(visitor.address[:64]))
    row = insert(Access).from_select(
        ["id", "customer_id", "what", "agent", "address"], tried.where(Customer.number == number)
    )
    return db.session.scalar(row.returning(Access.id))


def was_right(tried: UUID | None) -> None:
    """The try was right: they signed in. The caller commits."""
    db.session.execute(update(Access).where(Access.id == tried).values(what="signed_in"))


def note(customer_id: UUID, what: AccessKind, visitor: Visitor) -> None:
    """Write down what a customer did. The caller commits."""
    db.session.add(
        Access(
            id=uuid4(),
            customer_id=customer_id,
            what=what,
            agent=visitor.agent[:200],
            address=visitor.address[:64],
        )
    )


def history(customer: Customer) -> Sequence[Access]:
    """The latest of it, newest first."""
    mine = select(Access).where(Access.customer_id == customer.id)
    return db.session.scalars(mine.order_by(Access.created_at.desc()).limit(SHOWN)).all()
