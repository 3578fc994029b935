"""The record of what staff do: to what, and why. Nothing here changes or takes away a line."""

from typing import Any
from uuid import UUID

from batua_db.models.bank_desk import Staff

from .tables import DESK

Subject = UUID | str  # an id, or the code of a bank or a client


def record(staff: Staff, what: str, subject: Subject, reason: str, **details: Any) -> None:
    """Write down an act in the transaction in which it is done; see ``batua_db.staff``."""
    DESK.record(staff, what, str(subject), reason, **details)


def look(staff: Staff, subject: Subject) -> None:
    """Write down that somebody looked at a customer or a payment, once an hour."""
    DESK.look(staff, str(subject))
