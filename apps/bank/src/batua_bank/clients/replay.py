"""Sending again what was sent before: one event to one endpoint, or all of a stretch of time.

The schedule begins anew, with the same id and body under a fresh signature. An endpoint that
is disabled hears nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update

from batua_db.database import db
from batua_db.errors import NotFound, Refused
from batua_db.models.clients import Endpoint
from batua_db.models.outbox import Dispatch, Event

from . import endpoints

MOST = 10_000


class Disabled(Refused):
    """An endpoint that asked for nothing more."""

    code = "endpoint_disabled"

    def __init__(self) -> None:
        super().__init__("This endpoint is disabled. Enable it, then send again.")


@dataclass(frozen=True, slots=True)
class Stretch:
    """What to send again: events of that time, to one endpoint or all, of one type or all."""

    since: datetime
    until: datetime
    endpoint_id: UUID | None = None
    type: str = ""
    only_failed: bool = True


def one(client_id: str, event_id: str, endpoint_id: UUID) -> None:
    """Send an event to an endpoint again, now. The caller commits."""
    if endpoints.find(client_id, endpoint_id).disabled_at:
        raise Disabled
    if not _again(Dispatch.event_id == event_id, Dispatch.endpoint_id == endpoint_id):
        raise NotFound("This event was never meant for this endpoint.")


def many(client_id: str, stretch: Stretch) -> int:
    """Send a stretch of events again, now; returns how many deliveries that are.

    Raises ``Refused`` where they are too many for one time. The caller commits.
    """
    if stretch.endpoint_id and endpoints.find(client_id, stretch.endpoint_id).disabled_at:
        raise Disabled
    chosen = _chosen(client_id, stretch)
    count = db.session.scalars(select(func.count()).select_from(Dispatch).where(*chosen)).one()
    if count > MOST:
        raise Refused(f"These are {count} deliveries; {MOST} go at once. Take a shorter time.")
    return _again(*chosen)


def _chosen(client_id: str, stretch: Stretch) -> list[ColumnElement[bool]]:
    hears = select(Endpoint.id).where(
        Endpoint.client_id == client_id, Endpoint.disabled_at.is_(None)
    )
    happened = select(Event.id).where(
        Event.client == client_id, Event.created_at.between(stretch.since, stretch.until)
    )
    if stretch.endpoint_id:
        hears = hears.where(Endpoint.id == stretch.endpoint_id)
    if stretch.type:
        happened = happened.where(Event.type == stretch.type)
    chosen: list[ColumnElement[bool]] = [
        Dispatch.endpoint_id.in_(hears),
        Dispatch.event_id.in_(happened),
    ]
    return [*chosen, failed()] if stretch.only_failed else chosen


def failed() -> ColumnElement[bool]:
    """Whether a delivery was tried, or given up untried, and never went well."""
    return Dispatch.delivered_at.is_(None) & (
        (Dispatch.attempts > 0) | Dispatch.dead_at.is_not(None)
    )


def _again(*which: ColumnElement[bool]) -> int:
    """Let deliveries be due now, as if they had not been tried before."""
    due = (
        update(Dispatch)
        .where(*which)
        .values(attempt_at=func.clock_timestamp(), replayed_after=Dispatch.attempts, dead_at=None)
        .returning(Dispatch.event_id)
        .execution_options(synchronize_session=False)
    )
    return len(db.session.execute(due).all())
