"""What staff do with a request for a full wallet."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from batua_db.database import db, transaction
from batua_db.errors import NotFound
from batua_db.fields import reveal
from batua_db.models.desk import Staff
from batua_db.models.people import KycRequest
from batua_user.desk import acts
from batua_user.kyc import service as kyc


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody says they are."""

    pan: str
    birth_date: date


def identity(staff: Staff, request_id: UUID) -> Identity:
    """What is sealed of a request; that it was shown is on record."""
    with transaction():
        request = db.session.get(KycRequest, request_id)
        if request is None:
            raise NotFound("There is no such request.")
        acts.record(
            staff, "reveal_identity", request.user_id, "to check the request",
            request=str(request_id),
        )  # fmt: skip
        born = date.fromisoformat(reveal(request.birth_date_sealed))
        return Identity(reveal(request.pan_sealed), born)


def decide(staff: Staff, request_id: UUID, *, approve: bool, reason: str) -> None:
    """Approve or refuse; raises ``Conflict`` where a colleague was first, and ``PanInUse``."""
    with transaction():
        kyc.decide(request_id, staff.id, approve=approve, reason=reason)
        whose = db.session.scalar(select(KycRequest.user_id).where(KycRequest.id == request_id))
        what = "approve_kyc" if approve else "refuse_kyc"
        acts.record(staff, what, whose, reason, request=str(request_id))
