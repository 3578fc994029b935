"""The outbox: what a client must hear is written with what it is about, and delivered later."""

from typing import Any
from uuid import uuid4

from batua_db.database import db
from batua_db.models.bank import Event


def announce(client: str, kind: str, data: dict[str, Any]) -> None:
    """Write an event in the caller's transaction; the worker delivers it once that commits."""
    db.session.add(Event(id=f"evt_{uuid4().hex}", client=client, type=kind, data=data))
