"""What the record's page reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, tuple_

from batua_db.database import db
from batua_db.models.desk import Act, Staff
from batua_db.models.payments import Merchant
from batua_db.models.wallet import User

A_PAGE = 50

TITLES = {
    "look": "Looked",
    "reveal_phone": "Saw the phone number",
    "reveal_identity": "Saw PAN and birth date",
    "freeze": "Froze the wallet",
    "unfreeze": "Opened the wallet again",
    "approve_kyc": "Approved a full wallet",
    "refuse_kyc": "Refused a full wallet",
    "approve_business": "Approved a business",
    "refuse_business": "Refused a business",
    "propose_correction": "Proposed a correction",
    "make_correction": "Made a correction",
    "refuse_correction": "Refused a correction",
    "resume_payouts": "Let payouts go on",
    "credit_suspense": "Credited money in suspense",
    "return_suspense": "Sent money in suspense back",
}


@dataclass(frozen=True, slots=True)
class Page:
    """Some acts, newest first, and where older ones go on."""

    acts: Sequence[Act]
    older: UUID | None


def page(
    *, staff: UUID | None = None, subject: UUID | None = None, after: UUID | None = None
) -> Page:
    """Acts of all or of one, on all or on one thing, from ``after`` on."""
    query = select(Act)
    if staff:
        query = query.where(Act.staff_id == staff)
    if subject:
        query = query.where(Act.subject == subject)
    if after:
        place = select(Act.created_at, Act.id).where(Act.id == after)
        query = query.where(tuple_(Act.created_at, Act.id) < place.scalar_subquery())
    newest = query.order_by(Act.created_at.desc(), Act.id.desc()).limit(A_PAGE + 1)
    found = db.session.scalars(newest).all()
    return Page(found[:A_PAGE], found[A_PAGE - 1].id if len(found) > A_PAGE else None)


def names(acts: Sequence[Act]) -> Mapping[UUID, str]:
    """What the people and the businesses are called that were acted on."""
    subjects = {act.subject for act in acts if act.subject}
    people = select(User.id, User.name).where(User.id.in_(subjects))
    businesses = select(Merchant.id, Merchant.business_name).where(Merchant.id.in_(subjects))
    rows = db.session.execute(people.union_all(businesses))
    return {row.id: row.name for row in rows}


def staff() -> Sequence[Staff]:
    """Everybody who works or worked here."""
    return db.session.scalars(select(Staff).order_by(Staff.name)).all()


def title(what: str) -> str:
    """What was done, in words."""
    return TITLES.get(what) or what.replace("_", " ").capitalize()
