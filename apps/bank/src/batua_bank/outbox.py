"""The outbox: what a client must hear is written with what it is about, and delivered later."""

from typing import Any
from uuid import uuid4

from sqlalchemy import func, insert, literal, or_, select

from batua_db.database import db
from batua_db.models.clients import Endpoint
from batua_db.models.outbox import Dispatch, Event

from .seams import seams

# All that a client can be told of.
TYPES = (
    *("payment.succeeded", "payment.declined", "payment.expired"),
    *("refund.succeeded", "payout.succeeded", "payout.failed"),
)


def announce(client: str, kind: str, data: dict[str, Any]) -> None:
    """Write an event in the caller's transaction, on its way to each endpoint that wants it.

    The worker delivers it once that commits.
    """
    event = Event(id=f"evt_{uuid4().hex}", client=client, type=kind, data=data)
    db.session.add(event)
    db.session.flush()
    wanted = (
        select(literal(event.id), Endpoint.id, literal(0), literal(0))
        .where(Endpoint.client_id == client, Endpoint.disabled_at.is_(None))
        .where(or_(func.cardinality(Endpoint.events) == 0, Endpoint.events.any_() == kind))
    )
    columns = ["event_id", "endpoint_id", "attempts", "replayed_after"]
    db.session.execute(insert(Dispatch).from_select(columns, wanted))
    seams.announced(event)
