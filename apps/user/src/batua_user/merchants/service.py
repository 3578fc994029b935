"""A business: a person with full KYC starts it, and an operator at the desk decides.

It may take payments at once; money goes to a bank only once it is approved.
"""

from uuid import UUID

from sqlalchemy import func, select

from batua_db.database import db
from batua_db.errors import Conflict, NotFound
from batua_db.models.payments import Merchant
from batua_user.notices.service import tell


def decide(merchant_id: UUID, staff_id: UUID, *, approve: bool, reason: str) -> None:
    """Approve a business, or refuse it with a reason, in the caller's transaction.

    Raises ``Conflict`` where somebody decided it before.
    """
    merchant = _lock(merchant_id)
    if merchant is None:
        raise NotFound("There is no such business.")
    if merchant.state != "waiting":
        raise Conflict("Somebody has decided this business by now.")
    merchant.decided_by, merchant.decided_at = staff_id, func.clock_timestamp()
    if approve:
        _approve(merchant)
    else:
        _refuse(merchant, reason)


def _lock(merchant_id: UUID) -> Merchant | None:
    """Hold a business until the transaction ends, as it now is."""
    query = select(Merchant).where(Merchant.id == merchant_id).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def _approve(merchant: Merchant) -> None:
    merchant.state, merchant.reason = "approved", ""
    tell(
        merchant.user_id,
        "merchant",
        f"{merchant.business_name} is approved",
        "What you take can go to your bank now.",
        path="/merchant",
    )


def _refuse(merchant: Merchant, reason: str) -> None:
    merchant.state, merchant.reason = "refused", reason
    tell(
        merchant.user_id,
        "merchant",
        f"{merchant.business_name} was not approved",
        reason,
        path="/merchant",
    )
