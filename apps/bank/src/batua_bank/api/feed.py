"""The calls of the API about what happened."""

from typing import Any

from flask import g

from batua_bank.events import queries, service
from batua_db.errors import NotFound
from batua_db.models.outbox import Event

from . import examples
from . import feed_schemas as shapes
from .views import bp, named


@bp.route("/events")
@bp.arguments(shapes.EventQuery, location="query")
@bp.response(200, shapes.Events, example=examples.EVENTS)
def list_events(query: dict[str, Any]) -> dict[str, Any]:
    """List what happened, the oldest first.

    To catch up after an outage, give the id of the last event you know as after, and go on
    from page to page: none is missed and none comes twice. Each is what its webhook says, so
    take it in by the same code, once for each id.
    """
    service.place()
    found = queries.events(
        g.client,
        kind=query["type"],
        newest=query["order"] == "newest",
        after=query["after"],
        limit=query["limit"],
    )
    return {"items": [_event(each) for each in found.items], "next": found.next}


@bp.route(
    "/events/<event_id>",
    parameters=named("event_id", examples.EVENT["id"], "The event.", form=None),
)
@bp.response(200, shapes.Event, example=examples.EVENT, refuses=(404,))
def read_event(event_id: str) -> dict[str, Any]:
    """Read an event, as its webhook tells it."""
    found = queries.event(g.client, event_id)
    if found is None:
        raise NotFound("There is no such event.")
    return _event(found)


def _event(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        "timestamp": event.created_at.isoformat(),
        "data": event.data,
    }
