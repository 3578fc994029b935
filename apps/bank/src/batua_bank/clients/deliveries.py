"""What a platform was told, and how each delivery of it went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, tuple_

from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.outbox import Delivery, Dispatch, Event

from . import replay

A_PAGE = 30
State = Literal["delivered", "waiting", "retrying", "given up"]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which events: ``outcome`` is failed, delivered, or any."""

    outcome: str = ""
    type: str = ""
    endpoint_id: UUID | None = None
    after: str = ""  # the id of the last one seen


@dataclass(frozen=True, slots=True)
class Told:
    """An event, and its way to each endpoint that it was meant for."""

    event: Event
    dispatches: Sequence[Dispatch]


class Page(NamedTuple):
    """Some events, newest first, and after which one older ones go on."""

    told: Sequence[Told]
    older: str | None


def state_of(dispatch: Dispatch) -> State:
    """How far an event is on its way to an endpoint."""
    if dispatch.attempt_at:
        return "retrying" if dispatch.attempts > dispatch.replayed_after else "waiting"
    return "given up" if dispatch.dead_at else "delivered"


def page(client_id: str, asked: Asked, *, most: int = A_PAGE) -> Page:
    """Events of a client, newest first."""
    query = select(Event).where(Event.client == client_id, *_conditions(asked))
    if asked.after:
        place = select(Event.created_at, Event.id).where(Event.id == asked.after)
        query = query.where(tuple_(Event.created_at, Event.id) < place.scalar_subquery())
    newest = query.order_by(Event.created_at.desc(), Event.id.desc()).limit(most + 1)
    found = db.session.scalars(newest).all()
    shown = found[:most]
    ways = _dispatches([event.id for event in shown])
    told = [Told(event, ways.get(event.id, ())) for event in shown]
    return Page(told, shown[-1].id if len(found) > most else None)


def find(client_id: str, event_id: str) -> Told:
    """One event of a client's own; raises ``NotFound``."""
    event = db.session.scalar(select(Event).where(Event.id == event_id, Event.client == client_id))
    if event is None:
        raise NotFound("There is no such event.")
    return Told(event, _dispatches([event_id]).get(event_id, ()))


def attempts(event_id: str) -> Mapping[UUID, Sequence[Delivery]]:
    """Every attempt to deliver an event, by endpoint, the latest first."""
    query = (
        select(Delivery)
        .where(Delivery.event_id == event_id)
        .order_by(Delivery.endpoint_id, Delivery.attempt.desc())
    )
    made: dict[UUID, list[Delivery]] = {}
    for attempt in db.session.scalars(query):
        made.setdefault(attempt.endpoint_id, []).append(attempt)
    return made


def _dispatches(event_ids: Sequence[str]) -> Mapping[str, Sequence[Dispatch]]:
    query = (
        select(Dispatch)
        .where(Dispatch.event_id.in_(event_ids))
        .order_by(Dispatch.created_at, Dispatch.endpoint_id)
        .execution_options(populate_existing=True)
    )
    ways: dict[str, list[Dispatch]] = {}
    for dispatch in db.session.scalars(query):
        ways.setdefault(dispatch.event_id, []).append(dispatch)
    return ways


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if asked.type:
        conditions.append(Event.type == asked.type)
    ways = [Dispatch.event_id == Event.id]
    if asked.outcome == "failed":
        ways.append(replay.failed())
    elif asked.outcome == "delivered":
        ways.append(Dispatch.delivered_at.is_not(None))
    if asked.endpoint_id:
        ways.append(Dispatch.endpoint_id == asked.endpoint_id)
    return [*conditions, exists().where(*ways)] if len(ways) > 1 else conditions
