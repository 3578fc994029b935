"""Where a platform hears of what happens: addresses of its own, each with the events it wants."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from batua_bank.outbox import TYPES
from batua_bank.webhooks import endpoints as webhooks
from batua_db.database import db
from batua_db.errors import NotFound, Refused
from batua_db.models.clients import Client, Endpoint

from . import addresses, registry, service

MOST = 10
BY_HAND = "by hand"


def of(client_id: str) -> Sequence[Endpoint]:
    """The endpoints of a client, oldest first."""
    query = (
        select(Endpoint)
        .where(Endpoint.client_id == client_id)
        .order_by(Endpoint.created_at, Endpoint.id)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).all()


def find(client_id: str, endpoint_id: UUID) -> Endpoint:
    """One endpoint of a client's own; raises ``NotFound``."""
    found = db.session.get(Endpoint, endpoint_id, populate_existing=True)
    if found is None or found.client_id != client_id:
        raise NotFound("There is no such endpoint.")
    return found


def add(client: Client, *, id: UUID, url: str, events: Sequence[str]) -> Endpoint:
    """Let a client hear at ``url`` too. Once per ``id``; the caller commits.

    Raises ``Refused`` for an address that is not public, a type nobody knows, one too many.
    """
    service.refuse_closed(client)
    address = _address(url)
    db.session.execute(select(Client.id).where(Client.id == client.id).with_for_update())
    if earlier := db.session.get(Endpoint, id):
        return find(client.id, earlier.id)
    if len(of(client.id)) >= MOST:
        raise Refused(f"A client has {MOST} endpoints at most. Change one that it has.")
    endpoint = Endpoint(id=id, client_id=client.id, url=address, events=_types(events))
    db.session.add(endpoint)
    db.session.flush()
    return endpoint


def change(endpoint: Endpoint, *, url: str, events: Sequence[str]) -> None:
    """Let an endpoint be elsewhere, or hear of other events, from the next one on."""
    if endpoint.url is None and url != registry.url_of(endpoint):
        raise Refused("Where the wallet hears is a setting.", field="url")
    if endpoint.url is not None:
        endpoint.url = _address(url)
    endpoint.events = _types(events)
    db.session.flush()


def disable(endpoint: Endpoint, why: str = BY_HAND) -> None:
    """Send nothing more to an endpoint, not even what waits; its events stay, to be replayed."""
    if endpoint.disabled_at is None:
        webhooks.disable(endpoint.id, why)
        db.session.refresh(endpoint)


def enable(client: Client, endpoint: Endpoint) -> None:
    """Let an endpoint hear again of what happens from now on."""
    service.refuse_closed(client)
    if endpoint.url is not None:
        endpoint.url = _address(endpoint.url)  # where it is may have changed meanwhile
    endpoint.disabled_at, endpoint.disabled_why = None, ""
    db.session.flush()


def _address(url: str) -> str:
    try:
        return addresses.endpoint(url)
    except addresses.UnfitAddress as error:
        error.field = "url"
        raise


def _types(events: Sequence[str]) -> list[str]:
    """In the order we tell of them; all of them is the empty list, also of types to come."""
    unknown = set(events) - set(TYPES)
    if unknown:
        raise Refused("There are no such events.", field="events")
    chosen = [each for each in TYPES if each in events]
    return [] if len(chosen) == len(TYPES) else list(chosen)
