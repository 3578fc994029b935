"""What staff do with a business that wants its takings paid out."""

from uuid import UUID

from batua_db.database import transaction
from batua_db.models.desk import Staff
from batua_user.desk import acts
from batua_user.merchants import service as merchants


def decide(staff: Staff, merchant_id: UUID, *, approve: bool, reason: str) -> None:
    """Approve or refuse; raises ``Conflict`` where a colleague was first."""
    with transaction():
        merchants.decide(merchant_id, staff.id, approve=approve, reason=reason)
        what = "approve_business" if approve else "refuse_business"
        acts.record(staff, what, merchant_id, reason)
