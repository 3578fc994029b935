"""What staff and developers do to a platform: each in one transaction with its line on record."""

from collections.abc import Sequence
from uuid import UUID

from batua_bank.clients import endpoints, keys, replay, service
from batua_bank.clients.keys import Overlap
from batua_bank.clients.replay import Stretch
from batua_bank.desk import acts
from batua_db.database import transaction
from batua_db.models.bank_desk import Staff

BY_HAND = "asked for on the client’s page"


def make(
    staff: Staff, client_id: str, *, name: str, legal_name: str, origins: Sequence[str]
) -> None:
    """Take on a client, with an account at each bank."""
    with transaction():
        service.make(client_id, name=name, legal_name=legal_name, origins=origins)
        acts.record(staff, "make_client", client_id, BY_HAND, origins=list(origins))


def close(staff: Staff, client_id: str, *, reason: str) -> None:
    """Let a client go."""
    with transaction():
        service.close(service.find(client_id))
        acts.record(staff, "close_client", client_id, reason)


def change_origins(staff: Staff, client_id: str, *, origins: Sequence[str]) -> None:
    """Let customers come back to these pages only."""
    with transaction():
        client = service.find(client_id)
        service.change_origins(client, origins)
        acts.record(staff, "change_origins", client_id, BY_HAND, origins=client.origins)


def make_key(staff: Staff, client_id: str, *, key: UUID, overlap: Overlap) -> str:
    """Make a key, and return it, to be shown once."""
    with transaction():
        made = keys.make(service.find(client_id), id=key, overlap=overlap)
        acts.record(staff, "make_key", client_id, BY_HAND, key=made[-4:], overlap=overlap)
    return made


def retire_key(staff: Staff, client_id: str, secret_id: UUID) -> None:
    """Let a key end now."""
    with transaction():
        keys.retire(service.find(client_id), secret_id)
        acts.record(staff, "retire_key", client_id, BY_HAND, key=str(secret_id))


def add_endpoint(
    staff: Staff, client_id: str, *, key: UUID, url: str, events: Sequence[str]
) -> None:
    """Let a client hear at an address too."""
    with transaction():
        made = endpoints.add(service.find(client_id), id=key, url=url, events=events)
        acts.record(staff, "add_endpoint", client_id, BY_HAND, endpoint=str(made.id))


def change_endpoint(
    staff: Staff, client_id: str, endpoint_id: UUID, *, url: str, events: Sequence[str]
) -> None:
    """Let an endpoint be elsewhere, or hear of other events."""
    with transaction():
        endpoints.change(endpoints.find(client_id, endpoint_id), url=url, events=events)
        acts.record(staff, "change_endpoint", client_id, BY_HAND, endpoint=str(endpoint_id))


def switch_endpoint(staff: Staff, client_id: str, endpoint_id: UUID, *, on: bool) -> None:
    """Let an endpoint hear, or nothing more."""
    with transaction():
        endpoint = endpoints.find(client_id, endpoint_id)
        if on:
            endpoints.enable(service.find(client_id), endpoint)
        else:
            endpoints.disable(endpoint)
        what = "enable_endpoint" if on else "disable_endpoint"
        acts.record(staff, what, client_id, BY_HAND, endpoint=str(endpoint_id))


def replay_one(staff: Staff, client_id: str, event_id: str, endpoint_id: UUID) -> None:
    """Send an event to an endpoint again."""
    with transaction():
        replay.one(client_id, event_id, endpoint_id)
        acts.record(staff, "replay", client_id, BY_HAND, event=event_id, endpoint=str(endpoint_id))


def replay_many(staff: Staff, client_id: str, stretch: Stretch) -> int:
    """Send a stretch of events again; returns how many deliveries that are."""
    with transaction():
        count = replay.many(client_id, stretch)
        acts.record(
            staff,
            "replay",
            client_id,
            BY_HAND,
            since=stretch.since.isoformat(),
            until=stretch.until.isoformat(),
            deliveries=count,
        )
    return count
