"""Platforms: taken on, changed, and let go. Whoever calls these commits."""

import re
from collections.abc import Sequence

from sqlalchemy import func, select, update

from batua_bank.webhooks import endpoints
from batua_db.database import db
from batua_db.errors import NotFound, Refused
from batua_db.models.clients import Client, ClientSecret, Endpoint

from . import addresses, registry

SLUG = re.compile(r"[a-z][a-z0-9-]{1,31}", re.ASCII)
MOST_ORIGINS = 10


def find(client_id: str) -> Client:
    """A client as it now is; raises ``NotFound``."""
    query = select(Client).where(Client.id == client_id)
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("There is no such client.")
    return found


def make(client_id: str, *, name: str, legal_name: str, origins: Sequence[str]) -> Client:
    """Take on a client, with an account of its own at each bank.

    Raises ``Refused``, beside its field, for an id that is taken or unfit or an origin that is.
    """
    if not SLUG.fullmatch(client_id):
        raise Refused(
            "Take 2 to 32 small letters, digits and dashes, with a letter first.", field="client_id"
        )
    if db.session.get(Client, client_id):
        raise Refused("Another client has this id.", field="client_id")
    client = Client(id=client_id, name=name, legal_name=legal_name, origins=_read_origins(origins))
    db.session.add(client)
    db.session.flush()
    registry.open_platforms()
    return client


def change_origins(client: Client, origins: Sequence[str]) -> None:
    """Let customers come back to these, and nowhere else, from the next session on."""
    refuse_closed(client)
    if client.id == registry.WALLET:
        raise Refused("Where the wallet’s customers come back to is a setting, USER_APP_URL.")
    client.origins = _read_origins(origins)
    db.session.flush()


def close(client: Client) -> None:
    """Take no more calls of a client, and tell it nothing more. Its money stays where it is."""
    refuse_closed(client)
    if client.id == registry.WALLET:
        raise Refused("The wallet can’t be closed: this house lives by it.")
    now = func.clock_timestamp()
    own = Endpoint.client_id == client.id
    unseen = {"synchronize_session": False}
    client.closed_at = now
    db.session.execute(
        update(ClientSecret)
        .where(ClientSecret.client_id == client.id)
        .values(retires_at=func.least(ClientSecret.retires_at, now)),
        execution_options=unseen,
    )
    for endpoint_id in db.session.scalars(select(Endpoint.id).where(own)).all():
        endpoints.disable(endpoint_id, "client closed")


def refuse_closed(client: Client) -> None:
    """Raise ``Refused`` where a client is closed."""
    if client.closed_at:
        raise Refused("This client is closed.")


def _read_origins(origins: Sequence[str]) -> list[str]:
    if len(origins) > MOST_ORIGINS:
        raise Refused(f"A client has {MOST_ORIGINS} origins at most.", field="origins")
    try:
        return sorted({addresses.origin(each) for each in origins})
    except addresses.UnfitAddress as error:
        error.field = "origins"
        raise
