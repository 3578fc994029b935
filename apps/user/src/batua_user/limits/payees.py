"""Registered payees: people whom a person knows, and may send more to a day after saying so."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute

from batua_db.database import db, transaction
from batua_db.errors import DomainError, NotFound
from batua_db.models.people import Payee
from batua_db.models.wallet import SendOrder, User
from batua_user.authorise import require_pin, verdict
from batua_user.notices.service import tell

Id = UUID | InstrumentedAttribute[UUID]
COOLING_OFF = timedelta(hours=24)  # a thief with a phone in hand would not wait


def is_registered(user_id: Id, payee_id: Id) -> ColumnElement[bool]:
    """Whether a person registered a payee, and a day ago; part of a query."""
    mine = (Payee.user_id == user_id, Payee.payee_id == payee_id)
    old = Payee.registered_at <= func.clock_timestamp() - COOLING_OFF
    return exists().where(*mine, old)


def find(user: User, payee_id: UUID) -> tuple[User, Payee | None]:
    """Somebody whom a person has sent to, and their registration; nobody else is there."""
    sent = exists().where(SendOrder.sender_id == user.id, SendOrder.payee_id == User.id)
    payee = db.session.scalar(select(User).where(User.id == payee_id, sent))
    if payee is None:
        raise NotFound("There is no such person among those you have sent money to.")
    return payee, db.session.get(Payee, (user.id, payee_id))


def register(user: User, payee_id: UUID, *, pin: str) -> None:
    """Register somebody with the PIN. Said twice, the first time counts."""
    require_pin(user)
    with transaction():
        payee, _ = find(user, payee_id)
        refusal = verdict(user, pin)
        if refusal is None:
            _write(user, payee)
    if isinstance(refusal, DomainError):
        raise refusal


def _write(user: User, payee: User) -> None:
    row = insert(Payee).values(
        user_id=user.id, payee_id=payee.id, registered_at=func.clock_timestamp()
    )
    if db.session.scalar(row.on_conflict_do_nothing().returning(Payee.payee_id)):
        tell(
            user.id,
            "security",
            f"{payee.name} is your registered payee",
            "From tomorrow you can send them more. Not you? Choose a new PIN, and sign out others.",
            path=f"/send/payees/{payee.id}",
            sms=f"{payee.name} was registered as your payee on Batua. Not you? Choose a new PIN.",
        )
