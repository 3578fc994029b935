"""Reads of how the news goes out."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from batua_db.database import db
from batua_db.models.outbox import Dispatch


class DeadLetters(NamedTuple):
    """How many events were given up for some endpoint, and since when; ``None`` if none was."""

    events: int
    since: datetime | None


def dead_letters() -> DeadLetters:
    """What was given up and not asked for again: each is something that a client did not hear."""
    given_up = select(func.count(), func.min(Dispatch.dead_at)).where(Dispatch.dead_at.is_not(None))
    return DeadLetters(*db.session.execute(given_up).one())
