"""Endpoints that want no more: closed, and what was on its way to them with them."""

from uuid import UUID

from sqlalchemy import func, update

from batua_config import logs
from batua_db.database import db
from batua_db.models.clients import Endpoint
from batua_db.models.outbox import Dispatch

log = logs.get(__name__)
GIVEN_UP: dict[str, object] = {"dead_at": func.clock_timestamp(), "attempt_at": None}


def disable(endpoint_id: UUID, why: str) -> int:
    """Send nothing more to an endpoint; answers how many events it will not hear of.

    The caller commits, and has not written to any dispatch before: the endpoint's row is
    what workers that do this at the same time wait for.
    """
    db.session.execute(
        update(Endpoint)
        .where(Endpoint.id == endpoint_id, Endpoint.disabled_at.is_(None))
        .values(disabled_at=func.clock_timestamp(), disabled_why=why)
    )
    waiting = (Dispatch.endpoint_id == endpoint_id, Dispatch.attempt_at.is_not(None))
    given_up = update(Dispatch).where(*waiting).values(GIVEN_UP).returning(Dispatch.event_id)
    lost = len(db.session.execute(given_up).all())
    log.error("an endpoint was disabled", name=str(endpoint_id), reason=why, count=lost)
    return lost
