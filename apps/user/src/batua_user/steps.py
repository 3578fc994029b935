"""The steps of an operation, which its timeline shows: only added to, by the database's clock."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from batua_db.database import db
from batua_db.models.people import Step


def note(subject: UUID, what: str, why: str = "", *, at: datetime | None = None) -> None:
    """Add a step to the timeline of ``subject``; ``at`` where it happened earlier, elsewhere."""
    step = Step(subject=subject, what=what, note=why)
    if at:
        step.created_at = at
    db.session.add(step)
    db.session.flush()  # one at a time: their times are their order


def of(subject: UUID) -> Sequence[Step]:
    """Every step of ``subject``, oldest first."""
    mine = select(Step).where(Step.subject == subject)
    return db.session.scalars(mine.order_by(Step.created_at)).all()
