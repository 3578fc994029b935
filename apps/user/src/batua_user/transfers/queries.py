"""What the pages about sending money read."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.ledger import Transfer
from batua_db.models.wallet import SendOrder, User
from batua_user.limits.queries import Allowance, room_on_device, room_to_send

MOST = 6
LATEST = 60  # orders that are looked through


@dataclass(frozen=True, slots=True)
class Preview:
    """An order, as it is shown before the PIN."""

    order: SendOrder
    payee: str  # masked until they were paid once
    first_time: bool
    transfer_id: UUID | None  # when it is done already
    allowance: Allowance | None  # what may be sent to them this month
    on_device: Allowance | None  # … and from here, while this device is new


def preview(sender: User, order_id: UUID) -> Preview:
    """What is about to be sent; an order of anybody else is not there."""
    mine = (SendOrder.id == order_id, SendOrder.sender_id == sender.id)
    order = db.session.scalar(select(SendOrder).where(*mine))
    if order is None:
        raise NotFound("There is nothing to send here, or it is not yours.")
    done = db.session.scalar(
        select(Transfer.id).where(Transfer.book == "wallet", Transfer.key == f"send:{order.id}")
    )
    first = not _paid_before(sender, order.payee)
    name = masked(order.payee.name) if first else order.payee.name
    room = room_to_send(sender, order.payee_id)
    return Preview(order, name, first, done, room, room_on_device(sender))


def recent(sender: User) -> Sequence[User]:
    """Whom a person paid last, as far as their latest orders tell."""
    latest = (
        select(SendOrder.id, SendOrder.payee_id, SendOrder.created_at)
        .where(SendOrder.sender_id == sender.id)
        .order_by(SendOrder.created_at.desc())
        .limit(LATEST)
        .subquery()
    )
    paid = (
        select(latest.c.payee_id, func.max(latest.c.created_at).label("at"))
        .where(_done(latest.c.id))
        .group_by(latest.c.payee_id)
        .subquery()
    )
    query = select(User).join(paid, paid.c.payee_id == User.id)
    return db.session.scalars(query.order_by(paid.c.at.desc()).limit(MOST)).all()


def known_phone(sender: User, person_id: UUID) -> str | None:
    """The number of somebody whom the sender has paid before, or who has paid them."""
    ways = ((sender.id, person_id), (person_id, sender.id))
    paid = [
        exists().where(
            SendOrder.sender_id == payer, SendOrder.payee_id == payee, _done(SendOrder.id)
        )
        for payer, payee in ways
    ]
    return db.session.scalar(select(User.phone).where(User.id == person_id, or_(*paid)))


def masked(name: str) -> str:
    """The first name, and initials: enough to know a friend by, too little to map a stranger."""
    first, *rest = name.split()
    return " ".join([first, *(f"{word[0]}." for word in rest)])


def _paid_before(sender: User, payee: User) -> bool:
    mine = (SendOrder.sender_id == sender.id, SendOrder.payee_id == payee.id)
    return bool(db.session.scalar(select(exists().where(*mine, _done(SendOrder.id)))))


def _done(order_id: ColumnElement[UUID] | InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    key = func.concat("send:", order_id)
    return exists().where(Transfer.book == "wallet", Transfer.key == key)
