"""The record of what staff do: to what, and why. Nothing here changes or takes away a line."""

from typing import Any
from uuid import UUID

from batua_db.database import db
from batua_db.models.desk import Act, Staff


def record(
    staff: Staff | UUID, what: str, subject: UUID | None, reason: str, **details: Any
) -> None:
    """Write down an act in the transaction in which it is done.

    ``what`` is a verb such as ``freeze``, ``subject`` the person, the business, the transfer
    it is done to. ``details`` go into JSON, and hold nobody's personal data.
    """
    staff_id = staff if isinstance(staff, UUID) else staff.id
    db.session.add(
        Act(staff_id=staff_id, what=what, subject=subject, reason=reason, details=details)
    )
    db.session.flush()  # one at a time: their times are their order
