"""What the pages about KYC read."""

from sqlalchemy import select

from batua_db.database import db
from batua_db.models.people import KycRequest
from batua_db.models.wallet import User


def latest(user: User) -> KycRequest | None:
    """What a person asked for last, and what came of it."""
    mine = select(KycRequest).where(KycRequest.user_id == user.id)
    return db.session.scalar(mine.order_by(KycRequest.created_at.desc()).limit(1))
