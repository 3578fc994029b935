"""KYC: a person says who they are, and an operator at the desk decides.

The PAN and the birth date are sealed; the PAN is found by its fingerprint, so that one
person has one full wallet.
"""

from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, exists, func, select, update

from batua_db import fields
from batua_db.database import db, transaction
from batua_db.errors import Conflict, NotFound, Refused
from batua_db.models.people import KycRequest
from batua_db.models.wallet import User
from batua_user.notices.service import tell


class PanInUse(Refused):
    """Another full wallet has this PAN."""

    code = "pan_in_use"


def ask(user: User, *, name: str, pan: str, birth_date: date) -> UUID:
    """Ask for a full wallet; what was asked before and waits stays as it is."""
    with transaction():
        db.session.execute(select(User.id).where(User.id == user.id).with_for_update())
        if waiting := db.session.scalar(select(KycRequest.id).where(*_waiting(user.id))):
            return waiting
        if user.tier == "full":
            raise Refused("Your wallet is a full one already.")
        request = KycRequest(
            id=uuid4(),
            user_id=user.id,
            name=name,
            pan_sealed=fields.seal(pan),
            pan_hash=fields.fingerprint(pan),
            birth_date_sealed=fields.seal(birth_date.isoformat()),
        )
        db.session.add(request)
    return request.id


def decide(request_id: UUID, staff_id: UUID, *, approve: bool, reason: str) -> None:
    """Approve a request, or refuse it with a reason, in the caller's transaction.

    Raises ``Conflict`` where somebody decided it before, and ``PanInUse``.
    """
    request = db.session.scalar(
        select(KycRequest).where(KycRequest.id == request_id).with_for_update()
    )
    if request is None:
        raise NotFound("There is no such request.")
    if request.state != "waiting":
        raise Conflict("Somebody has decided this request by now.")
    request.decided_by, request.decided_at = staff_id, func.clock_timestamp()
    if approve:
        _approve(request)
    else:
        _refuse(request, reason)


def _waiting(user_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return KycRequest.user_id == user_id, KycRequest.state == "waiting"


def _approve(request: KycRequest) -> None:
    known = fields.fingerprints(fields.reveal(request.pan_sealed))
    used = (KycRequest.state == "approved", KycRequest.pan_hash.in_(known))
    if db.session.scalar(select(exists().where(*used, KycRequest.user_id != request.user_id))):
        raise PanInUse("Another full wallet has this PAN. Refuse this one, or look into both.")
    request.state = "approved"
    person = update(User).where(User.id == request.user_id)
    db.session.execute(person.values(tier="full", name=request.name))
    tell(
        request.user_id,
        "kyc",
        "Your wallet is a full one now",
        "You can send money to people, and to your bank.",
        path="/kyc",
        sms="Your Batua wallet is a full one now: send money to people, and to your bank.",
    )


def _refuse(request: KycRequest, reason: str) -> None:
    request.state, request.reason = "refused", reason
    tell(request.user_id, "kyc", "Your full wallet was not approved", reason, path="/kyc")
