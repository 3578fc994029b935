"""Where at the desk an id leads: of a person, a business, an operation, a transfer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import InstrumentedAttribute

from batua_db.database import db
from batua_db.models.desk import Correction
from batua_db.models.payments import Merchant
from batua_db.models.people import KycRequest
from batua_db.models.wallet import User
from batua_user.desk.operations.queries import is_operation


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the desk."""

    endpoint: str
    values: dict[str, Any]


Test = Callable[[UUID], bool]


def place_of(reference: UUID) -> Place | None:
    """The page of what ``reference`` names, or nothing."""
    for endpoint, name, is_one in PLACES:
        if is_one(reference):
            return Place(endpoint, {name: reference})
    return None


def _in(column: InstrumentedAttribute[UUID]) -> Test:
    def test(reference: UUID) -> bool:
        return bool(db.session.scalar(select(exists().where(column == reference))))

    return test


PLACES: tuple[tuple[str, str, Test], ...] = (
    ("desk.people.person", "person_id", _in(User.id)),
    ("desk.kyc.request", "request_id", _in(KycRequest.id)),
    ("desk.merchants.business", "merchant_id", _in(Merchant.id)),
    ("desk.corrections.correction", "correction_id", _in(Correction.id)),
    ("desk.operations.operation", "reference", is_operation),
)
