"""The wallet's tables: people, their sessions and codes, top-ups, and money about to be sent."""

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from batua_db.database import Base
from batua_db.money import Money, MoneyColumn

from .shared import CreatedMixin, GuessMixin, SessionMixin, SignedInMixin, WitnessMixin

Tier = Literal["small", "full"]
TopupState = Literal["pending", "captured", "credited", "declined", "expired", "failed", "refunded"]
TIMES = DateTime(timezone=True)


class User(CreatedMixin, SignedInMixin, Base):
    """A person with a wallet. ``account_id`` is their account in the ledger."""

    __tablename__ = "user"
    __table_args__ = (
        CheckConstraint(f"tier IN {get_args(Tier)}", "tier_known"),
        {"schema": "wallet"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text, unique=True)  # E.164
    password_hash: Mapped[str] = mapped_column(Text)
    pin_hash: Mapped[str | None] = mapped_column(Text)
    pin_set_at: Mapped[datetime | None] = mapped_column(TIMES)
    tier: Mapped[Tier] = mapped_column(Text, default="small")

    device_token = ""  # of the browser they are at, as they are loaded for a request


class Session(SessionMixin, Base):
    """A person's signed-in browser."""

    __tablename__ = "session"
    __table_args__ = ({"schema": "wallet"},)

    owner_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), index=True)
    owner: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class Guess(GuessMixin, Base):
    """Failed tries at passwords, codes and PINs."""

    __tablename__ = "guess"
    __table_args__ = ({"schema": "wallet"},)


class Registration(CreatedMixin, Base):
    """Someone who typed their details and has yet to prove the phone.

    ``user_id`` is set where the phone has a wallet already: then no code can be right.
    """

    __tablename__ = "registration"
    __table_args__ = ({"schema": "wallet"},)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text, index=True)
    password_hash: Mapped[str] = mapped_column(Text)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id))


class Code(CreatedMixin, Base):
    """A code sent by SMS, bound to the one thing it is for; single use."""

    __tablename__ = "code"
    __table_args__ = (Index(None, "purpose", "subject"), {"schema": "wallet"})

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    purpose: Mapped[Literal["register", "pin"]] = mapped_column(Text)
    subject: Mapped[UUID]  # the registration, or the user
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(TIMES)
    used_at: Mapped[datetime | None] = mapped_column(TIMES)


class Message(CreatedMixin, Base):
    """An SMS. ``code`` repeats the code in it for the development mailbox, and only there."""

    __tablename__ = "message"
    __table_args__ = (Index(None, "to", "created_at"), {"schema": "wallet"})

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    to: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(Text)


class Lookup(CreatedMixin, Base):
    """That a person asked whose phone number it is; counted, so that nobody maps the country."""

    __tablename__ = "lookup"
    __table_args__ = (Index(None, "user_id", "created_at"), {"schema": "wallet"})

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id))


class Bank(Base):
    """A bank that money is added from, and the account in the ledger of what is held there."""

    __tablename__ = "bank"
    __table_args__ = ({"schema": "wallet"},)

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    ifsc_prefix: Mapped[str] = mapped_column(Text)
    float_account: Mapped[UUID] = mapped_column(unique=True)
    seen_at: Mapped[datetime] = mapped_column(TIMES, server_default=func.clock_timestamp())


class Topup(CreatedMixin, Base):
    """Money on its way from a bank. ``id`` is the bank's ``reference`` and idempotency key."""

    __tablename__ = "topup"
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        CheckConstraint("amount > 0", "adds_something"),
        CheckConstraint(
            f"state IN {get_args(TopupState)}",
            "state_known",
        ),
        Index(None, "user_id", "created_at"),
        # What the worker looks for, and nothing else.
        Index("ix_topup_due", "check_at", postgresql_where=text("check_at IS NOT NULL")),
        # What counts against the number of payments that may be open at once.
        Index(
            "ix_topup_open",
            "user_id",
            postgresql_where=text("state IN ('pending', 'captured')"),
        ),
        {"schema": "wallet"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id))
    bank_code: Mapped[str] = mapped_column(ForeignKey(Bank.code))
    amount: Mapped[Money] = mapped_column(MoneyColumn)
    key: Mapped[UUID]
    state: Mapped[TopupState] = mapped_column(Text, default="pending")
    session_id: Mapped[str | None] = mapped_column(Text)  # the bank's names for things
    session_url: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[datetime | None] = mapped_column(TIMES)
    payment_id: Mapped[str | None] = mapped_column(Text, unique=True)
    captured: Mapped[Money | None] = mapped_column(MoneyColumn)  # what the bank moved
    transfer_id: Mapped[UUID | None]
    bank_refund_id: Mapped[str | None] = mapped_column(
        Text, unique=True
    )  # of what could not be kept
    refund_id: Mapped[UUID | None]  # the transfer out of suspense
    check_at: Mapped[datetime | None] = mapped_column(TIMES)  # when to ask the bank again
    checks: Mapped[int] = mapped_column(default=0)
    # Whether the bank is to be remembered, and the bank that was: nobody has to go there then.
    remember: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    link_id: Mapped[UUID | None] = mapped_column(ForeignKey("wallet.bank_link.id", use_alter=True))

    user: Mapped[User] = relationship(lazy="raise_on_sql")
    bank: Mapped[Bank] = relationship(lazy="joined", innerjoin=True)


class Inbox(Base):
    """A webhook that was taken in, by its message id: the second time there is nothing to do."""

    __tablename__ = "inbox"
    __table_args__ = (
        # What a person has to look at.
        Index("ix_inbox_orphan", "received_at", postgresql_where=text("outcome = 'orphan'")),
        {"schema": "wallet"},
    )

    message_id: Mapped[str] = mapped_column(Text, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    outcome: Mapped[Literal["applied", "ignored", "orphan"]] = mapped_column(Text)
    topup_id: Mapped[UUID | None] = mapped_column(ForeignKey(Topup.id))
    received_at: Mapped[datetime] = mapped_column(TIMES, server_default=func.clock_timestamp())


class SendOrder(CreatedMixin, Base):
    """Money about to be sent. ``id`` is the form's key; done when ``send:<id>`` is booked."""

    __tablename__ = "send_order"
    __table_args__ = (
        CheckConstraint("amount > 0", "sends_something"),
        CheckConstraint("sender_id <> payee_id", "sends_somewhere"),
        Index(None, "sender_id", "created_at"),
        Index(None, "sender_id", "payee_id"),
        {"schema": "wallet"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sender_id: Mapped[UUID] = mapped_column(ForeignKey(User.id))
    payee_id: Mapped[UUID] = mapped_column(ForeignKey(User.id))
    amount: Mapped[Money] = mapped_column(MoneyColumn)
    note: Mapped[str] = mapped_column(Text, default="")

    payee: Mapped[User] = relationship(foreign_keys=payee_id, lazy="joined", innerjoin=True)


class Witness(WitnessMixin, Base):
    """Digests of the bank's seals."""

    __tablename__ = "witness"
    __table_args__ = ({"schema": "wallet"},)
