"""What the desk reads of requests for a full wallet."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.people import KycRequest
from batua_db.models.wallet import User
from batua_ui.desk.queue import Queue

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and who made it."""

    request: KycRequest
    user: User


def queue() -> Queue:
    """How many wait."""
    waiting = select(func.count(), func.min(KycRequest.created_at))
    count, oldest = db.session.execute(waiting.where(KycRequest.state == "waiting")).one()
    return Queue("Full wallets to decide", "desk.kyc.queue", "shield-check", count, oldest)


def waiting() -> Sequence[Asked]:
    """Who has waited longest, first."""
    rows = db.session.execute(
        select(KycRequest, User)
        .join(User, User.id == KycRequest.user_id)
        .where(KycRequest.state == "waiting")
        .order_by(KycRequest.created_at)
        .limit(A_PAGE)
    )
    return [Asked(*row) for row in rows]


def find(request_id: UUID) -> Asked:
    """One request."""
    row = db.session.execute(
        select(KycRequest, User)
        .join(User, User.id == KycRequest.user_id)
        .where(KycRequest.id == request_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such request.")
    return Asked(*row)


def earlier(asked: Asked) -> Sequence[KycRequest]:
    """What the same person asked before."""
    theirs = (KycRequest.user_id == asked.user.id, KycRequest.id != asked.request.id)
    query = select(KycRequest).where(*theirs).order_by(KycRequest.created_at.desc()).limit(5)
    return db.session.scalars(query).all()
