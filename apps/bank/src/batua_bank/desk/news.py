"""What a client was told about a reference, and how the delivering went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from batua_db.database import db
from batua_db.models.clients import Endpoint
from batua_db.models.outbox import Delivery, Dispatch, Event


@dataclass(frozen=True, slots=True)
class Told:
    """An event on its way to one endpoint, with every attempt."""

    event: Event
    dispatch: Dispatch
    endpoint: Endpoint
    attempts: Sequence[Delivery]

    @property
    def state(self) -> str:
        """``delivered``, ``given_up`` or ``waiting``."""
        if self.dispatch.delivered_at:
            return "delivered"
        return "given_up" if self.dispatch.attempt_at is None else "waiting"


def about(client: str, reference: str, since: datetime) -> Sequence[Told]:
    """All that ``client`` was told of ``reference``, oldest first; nothing was before ``since``."""
    rows = db.session.execute(
        select(Event, Dispatch, Endpoint)
        .join(Dispatch, Dispatch.event_id == Event.id)
        .join(Endpoint, Endpoint.id == Dispatch.endpoint_id)
        .where(
            Event.client == client,
            Event.created_at >= since,
            Event.data["reference"].astext == reference,
        )
        .order_by(Event.created_at, Event.id, Endpoint.created_at)
        .limit(100)
    ).all()
    tries = db.session.scalars(
        select(Delivery)
        .where(Delivery.event_id.in_({row[0].id for row in rows}))
        .order_by(Delivery.attempt)
    ).all()
    return [
        Told(
            event,
            dispatch,
            endpoint,
            [
                each
                for each in tries
                if (each.event_id, each.endpoint_id) == (event.id, endpoint.id)
            ],
        )
        for event, dispatch, endpoint in rows
    ]
