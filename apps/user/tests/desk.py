"""Who works at the desk, and what they press there."""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import select
from werkzeug.test import TestResponse

from batua_db.database import db
from batua_db.models.desk import Act, Staff
from batua_dev.client import FreshClient

STAFF_PASSWORD = "a lamp on every desk"

MakeStaff = Callable[..., Staff]
AtDesk = Callable[[Staff], FreshClient]


def enter(client: FreshClient, username: str, password: str = STAFF_PASSWORD) -> TestResponse:
    """Sign in at the desk's door."""
    return client.submit("/desk/login", username=username, password=password)


def acts(subject: UUID | None = None) -> Sequence[Act]:
    """What is on record, oldest first; of one subject, or all of it."""
    db.session.commit()
    query = select(Act).order_by(Act.created_at)
    return db.session.scalars(query.where(Act.subject == subject) if subject else query).all()
