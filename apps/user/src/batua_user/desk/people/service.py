"""What staff do to a person: see their number, stop their money, and let it go again."""

from uuid import UUID

from sqlalchemy import select

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import Conflict, NotFound, Refused
from batua_db.models.desk import Staff
from batua_db.models.ledger import Status
from batua_db.models.payments import Merchant
from batua_db.models.wallet import User
from batua_user.desk import acts
from batua_user.notices.service import tell


def reveal_phone(staff: Staff, person_id: UUID, *, reason: str) -> str:
    """The number of a person, for a reason."""
    with transaction():
        phone = db.session.scalar(select(User.phone).where(User.id == person_id))
        if phone is None:
            raise NotFound("There is no such person.")
        acts.record(staff, "reveal_phone", person_id, reason)
    return phone


def freeze(staff: Staff, person_id: UUID, *, reason: str) -> None:
    """Stop all that a person, and their business, would send; what comes or comes back lands."""
    with transaction():
        _change(person_id, "frozen", otherwise="This wallet is frozen by now.")
        acts.record(staff, "freeze", person_id, reason)
        tell(
            person_id,
            "security",
            "Your wallet is frozen",
            "Money can come in, but not go out, while we look into something. Call us.",
            path="/settings",
            sms="Your Batua wallet is frozen: money can come in, but not go out. Please call us.",
        )


def unfreeze(staff: Staff, person_id: UUID, *, reason: str) -> None:
    """Let a person's money go again."""
    with transaction():
        _change(person_id, "open", otherwise="This wallet is open by now.")
        acts.record(staff, "unfreeze", person_id, reason)
        tell(
            person_id,
            "security",
            "Your wallet is open again",
            "You can send, pay and withdraw as before.",
            path="/settings",
            sms="Your Batua wallet is open again: you can send, pay and withdraw as before.",
        )


def _change(person_id: UUID, status: Status, *, otherwise: str) -> None:
    """Set the state of all that a person has; raises ``Conflict`` where it is so already."""
    own = db.session.scalar(select(User.account_id).where(User.id == person_id))
    if own is None:
        raise NotFound("There is no such person.")
    business = db.session.scalars(
        select(Merchant.account_id).where(Merchant.user_id == person_id)
    ).all()
    held = ledger.lock([own, *business])
    if held[own].status == "closed":
        raise Refused("This wallet is closed, for good.")
    if held[own].status == status:
        raise Conflict(otherwise)
    for account in held.values():
        if account.status not in {status, "closed"}:
            ledger.set_status(account.id, status)
