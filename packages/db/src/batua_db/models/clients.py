"""The bank's tables of the platforms that may call its API: keys, accounts, and where they hear.

``wallet`` is the house's own platform: its secrets, its pages and the address of its first
endpoint are settings, shared with it, and so are in no row.
"""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from batua_db.database import Base

from .bank import Bank
from .shared import CreatedMixin

TIMES = DateTime(timezone=True)


class Client(CreatedMixin, Base):
    """A platform. ``id`` is what it signs its calls as."""

    __tablename__ = "client"
    __table_args__ = (
        CheckConstraint("id ~ '^[a-z][a-z0-9-]{1,31}$'", "id_is_a_slug"),
        {"schema": "bank"},
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)  # what people call it
    legal_name: Mapped[str] = mapped_column(Text)  # who it is on paper
    origins: Mapped[list[str]] = mapped_column(ARRAY(Text))  # where customers may be sent back to
    closed_at: Mapped[datetime | None] = mapped_column(TIMES)  # its calls are refused since


class ClientSecret(CreatedMixin, Base):
    """What a client signs its calls with, and we sign its webhooks with; kept sealed.

    The newest signs, all that are not over verify: so a client changes over without a
    failed call.
    """

    __tablename__ = "client_secret"
    __table_args__ = (Index(None, "client_id", "created_at"), {"schema": "bank"})

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    client_id: Mapped[str] = mapped_column(ForeignKey(Client.id))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    hint: Mapped[str] = mapped_column(Text)  # its last four characters
    retires_at: Mapped[datetime | None] = mapped_column(TIMES)


class Platform(Base):
    """A client's own account at a bank, in the ledger: what it is paid into and pays from."""

    __tablename__ = "platform"
    __table_args__ = ({"schema": "bank"},)

    client_id: Mapped[str] = mapped_column(ForeignKey(Client.id), primary_key=True)
    bank_code: Mapped[str] = mapped_column(ForeignKey(Bank.code), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(unique=True)


class Endpoint(CreatedMixin, Base):
    """Where a client hears of what happens. Without ``url`` it is the address in the settings."""

    __tablename__ = "endpoint"
    __table_args__ = (Index(None, "client_id"), {"schema": "bank"})

    id: Mapped[UUID] = mapped_column(
        primary_key=True, default=uuid4, server_default=text("gen_random_uuid()")
    )
    client_id: Mapped[str] = mapped_column(ForeignKey(Client.id))
    url: Mapped[str | None] = mapped_column(Text)
    events: Mapped[list[str]] = mapped_column(ARRAY(Text))  # the types wanted; none named: all
    disabled_at: Mapped[datetime | None] = mapped_column(TIMES)
    disabled_why: Mapped[str] = mapped_column(Text, server_default="")  # gone, by hand, …


class Call(CreatedMixin, Base):
    """A call of a client and its answer, kept for a while for whoever builds the client.

    Account numbers and payment links are masked in it. Only added to, and pruned.
    """

    __tablename__ = "call"
    __table_args__ = (Index(None, "client_id", "created_at"), {"schema": "bank"})

    id: Mapped[str] = mapped_column(Text, primary_key=True)  # the request's id
    client_id: Mapped[str] = mapped_column(ForeignKey(Client.id))
    method: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(Text)  # with its query
    key: Mapped[str] = mapped_column(Text, default="")
    sent: Mapped[str] = mapped_column(Text)
    status: Mapped[int]
    answered: Mapped[str] = mapped_column(Text)
    milliseconds: Mapped[int]
