"""What the record's page tells of acts."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from batua_db.database import db
from batua_db.models.desk import Act
from batua_db.models.payments import Merchant
from batua_db.models.wallet import User

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


def names(acts: Sequence[Act]) -> Mapping[UUID, str]:
    """What the people and the businesses are called that were acted on."""
    subjects = {act.subject for act in acts if act.subject}
    people = select(User.id, User.name).where(User.id.in_(subjects))
    businesses = select(Merchant.id, Merchant.business_name).where(Merchant.id.in_(subjects))
    rows = db.session.execute(people.union_all(businesses))
    return {row.id: row.name for row in rows}
