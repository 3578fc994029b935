"""Reads of what happened, in an order that stays."""

import re

from sqlalchemy import select

from batua_bank.paging import Page, UnknownCursor, cut
from batua_db.database import db
from batua_db.models.outbox import Event

NAME = re.compile(r"evt_[0-9a-f]{32}", re.ASCII)


def event(client: str, event_id: str) -> Event | None:
    """An event of the client's."""
    if not NAME.fullmatch(event_id):
        return None
    return db.session.scalar(select(Event).where(Event.client == client, Event.id == event_id))


def events(
    client: str, *, kind: str | None, newest: bool, after: str | None, limit: int
) -> Page[Event]:
    """The client's events that have a place, those ``after`` an event of theirs only.

    Read in pages, oldest first, none is missed and none comes twice, whatever commits
    meanwhile.
    """
    query = select(Event).where(Event.client == client, Event.place.is_not(None))
    if kind is not None:
        query = query.where(Event.type == kind)
    if after is not None:
        known = _place_of(client, after)
        query = query.where(Event.place < known if newest else Event.place > known)
    order = Event.place.desc() if newest else Event.place
    return cut(list(db.session.scalars(query.order_by(order).limit(limit + 1))), limit)


def _place_of(client: str, event_id: str) -> int:
    found = event(client, event_id)
    if found is None or found.place is None:
        raise UnknownCursor
    return found.place
