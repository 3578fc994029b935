"""A platform's keys: made at random, told once, kept sealed, and changed without a failed call.

The newest signs. Older ones verify until they retire, and sign webhooks beside the newest
until then, so that neither side must change at the same moment as the other.
"""

import base64
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update

from batua_db import fields
from batua_db.database import db
from batua_db.errors import Conflict, NotFound, Refused
from batua_db.models.clients import Client, ClientSecret

from . import registry

PREFIX = "whsec_"  # as the libraries of Standard Webhooks take it
BYTES = 32
MOST = 5  # at a time: each webhook is signed with all of them

Overlap = Literal["day", "hour", "none"]
OVERLAPS: dict[Overlap, timedelta] = {
    "day": timedelta(hours=24),
    "hour": timedelta(hours=1),
    "none": timedelta(0),
}


class Key(NamedTuple):
    """A key, as it may be shown; ``valid`` by the database's clock."""

    secret: ClientSecret
    valid: bool


def of(client_id: str) -> Sequence[Key]:
    """The keys of a client, newest first, those that are over too."""
    query = (
        select(ClientSecret, _valid())
        .where(ClientSecret.client_id == client_id)
        .order_by(ClientSecret.created_at.desc())
        .execution_options(populate_existing=True)
    )
    return [Key(*row) for row in db.session.execute(query)]


def reveal(secret: ClientSecret) -> str:
    """A key as it signs. Never shown: only what it makes, and whether that fits."""
    return fields.reveal(secret.sealed)


def make(client: Client, *, id: UUID, overlap: Overlap) -> str:
    """Make a key, let the others retire after ``overlap``, and return it: it is never shown again.

    ``id`` names the wish: the same again is a ``Conflict``. The caller commits.
    """
    _refuse_house(client)
    _hold(client)
    if db.session.get(ClientSecret, id):
        raise Conflict("This key was made, and shown, before. If nobody has it, make another.")
    after = func.clock_timestamp() + OVERLAPS[overlap]
    _retire(client, after)
    if sum(key.valid for key in of(client.id)) >= MOST:
        raise Refused(f"A client has {MOST} keys at most. Retire one first.")
    key = PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()
    db.session.add(ClientSecret(id=id, client_id=client.id, sealed=fields.seal(key), hint=key[-4:]))
    db.session.flush()
    return key


def retire(client: Client, secret_id: UUID) -> None:
    """Let a key end now. The caller commits."""
    _refuse_house(client)
    _hold(client)
    valid = [key.secret for key in of(client.id) if key.valid]
    if secret_id not in {secret.id for secret in valid}:
        raise NotFound("There is no such key, or it has retired.")
    if len(valid) == 1:
        raise Refused("This is the only key. Make another, which lets this one retire.")
    _retire(client, func.clock_timestamp(), ClientSecret.id == secret_id)


def _retire(client: Client, at: ColumnElement[object], *which: ColumnElement[bool]) -> None:
    """Let valid keys end at ``at``, or before it, where that was said earlier."""
    soonest = func.least(ClientSecret.retires_at, at)  # null, which is never, does not count
    own = (ClientSecret.client_id == client.id, _valid(), *which)
    unseen = {"synchronize_session": False}
    db.session.execute(
        update(ClientSecret).where(*own).values(retires_at=soonest), execution_options=unseen
    )


def _valid() -> ColumnElement[bool]:
    return func.coalesce(ClientSecret.retires_at > func.clock_timestamp(), True)


def _hold(client: Client) -> None:
    """One change to a client's keys at a time; those of a closed one change no more."""
    query = select(Client.closed_at).where(Client.id == client.id).with_for_update()
    if db.session.execute(query).scalar_one():
        raise Refused("This client is closed.")


def _refuse_house(client: Client) -> None:
    if client.id == registry.WALLET:
        raise Refused("The wallet’s keys are in the settings of both apps, as SECRET.")
