"""The record of what staff do: to what, and why. Nothing here changes or takes away a line."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select

from batua_db.database import db, transaction
from batua_db.models.desk import Act, Staff

A_LOOK = timedelta(hours=1)  # so long one look lasts


def record(staff: Staff, what: str, subject: UUID | None, reason: str, **details: Any) -> None:
    """Write down an act in the transaction in which it is done.

    ``what`` is a verb such as ``freeze``, ``subject`` the person, the business, the transfer
    it is done to. ``details`` go into JSON, and hold nobody's personal data.
    """
    db.session.add(
        Act(staff_id=staff.id, what=what, subject=subject, reason=reason, details=details)
    )
    db.session.flush()  # one at a time: their times are their order


def look(staff: Staff, subject: UUID, reason: str = "opened from search") -> None:
    """Write down that somebody looked at a person or an operation, once an hour."""
    with transaction():
        recent = exists().where(
            Act.staff_id == staff.id,
            Act.what == "look",
            Act.subject == subject,
            Act.created_at > func.clock_timestamp() - A_LOOK,
        )
        if not db.session.scalar(select(recent)):
            record(staff, "look", subject, reason)
