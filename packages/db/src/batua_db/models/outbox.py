"""The bank's outbox: what clients are told, to which of their endpoints, and how that went."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from batua_db.database import Base

from .clients import Client, Endpoint
from .shared import CreatedMixin

TIMES = DateTime(timezone=True)


class Event(CreatedMixin, Base):
    """Something a client is told, written with what it tells. ``id`` is the webhook-id.

    ``place`` is given once it is committed, one after the other: whoever has read up to a
    place has missed nothing before it. ``created_at`` and ``id`` promise no such thing.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index(None, "client", "created_at", "id"),
        Index(None, "client", "place"),
        Index("ix_event_place", "place", unique=True, postgresql_where=text("place IS NOT NULL")),
        Index("ix_event_without_place", "created_at", postgresql_where=text("place IS NULL")),
        {"schema": "bank"},
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)  # evt_…
    client: Mapped[str] = mapped_column(ForeignKey(Client.id))
    type: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    place: Mapped[int | None] = mapped_column(BigInteger)


class Dispatch(CreatedMixin, Base):
    """An event on its way to one endpoint."""

    __tablename__ = "dispatch"
    __table_args__ = (
        Index("ix_dispatch_due", "attempt_at", postgresql_where=text("attempt_at IS NOT NULL")),
        Index("ix_dispatch_dead", "dead_at", postgresql_where=text("dead_at IS NOT NULL")),
        Index(None, "endpoint_id", "created_at"),
        {"schema": "bank"},
    )

    event_id: Mapped[str] = mapped_column(ForeignKey(Event.id), primary_key=True)
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey(Endpoint.id), primary_key=True)
    attempts: Mapped[int] = mapped_column(default=0)
    # Attempts before it was last asked for again by hand: the schedule begins anew after them.
    replayed_after: Mapped[int] = mapped_column(default=0)
    attempt_at: Mapped[datetime | None] = mapped_column(  # null: delivered, or given up
        TIMES, server_default=func.clock_timestamp()
    )
    delivered_at: Mapped[datetime | None] = mapped_column(TIMES)
    dead_at: Mapped[datetime | None] = mapped_column(TIMES)

    event: Mapped[Event] = relationship(lazy="joined", innerjoin=True)
    endpoint: Mapped[Endpoint] = relationship(lazy="joined", innerjoin=True)


class Delivery(CreatedMixin, Base):
    """One attempt to deliver an event to an endpoint. Only added to."""

    __tablename__ = "delivery"
    __table_args__ = (
        ForeignKeyConstraint(
            ["event_id", "endpoint_id"], ["bank.dispatch.event_id", "bank.dispatch.endpoint_id"]
        ),
        {"schema": "bank"},
    )

    event_id: Mapped[str] = mapped_column(Text, primary_key=True)
    endpoint_id: Mapped[UUID] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[int | None]  # HTTP status; null: no answer
    error: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str] = mapped_column(Text, default="")  # its first KiB, if it was refused
    milliseconds: Mapped[int]
