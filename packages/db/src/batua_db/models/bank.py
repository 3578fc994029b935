"""The bank's tables: customers and accounts, payment sessions, and payments."""

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

SessionStatus = Literal["open", "succeeded", "declined", "expired"]
TIMES = DateTime(timezone=True)
# By name: what has accounts at banks is defined after them.
CLIENT = "bank.client.id"
CONSENT = "bank.consent.id"


class Bank(Base):
    """One of the banks that this app runs, and its own account in the ledger."""

    __tablename__ = "bank"
    __table_args__ = ({"schema": "bank"},)

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    ifsc_prefix: Mapped[str] = mapped_column(Text)
    cash_account: Mapped[UUID] = mapped_column(unique=True)  # the world outside


class Customer(CreatedMixin, SignedInMixin, Base):
    """A customer of one bank; ``number`` is what they sign in with.

    With ``starts_by`` their password is one that the desk gave them, good once and until
    then: whoever signs in with it chooses their own, and their MPIN.
    """

    __tablename__ = "customer"
    __table_args__ = ({"schema": "bank"},)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    bank_code: Mapped[str] = mapped_column(ForeignKey(Bank.code))
    number: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    mpin_hash: Mapped[str] = mapped_column(Text)
    starts_by: Mapped[datetime | None] = mapped_column(TIMES)
    password_set_at: Mapped[datetime | None] = mapped_column(TIMES)  # by themselves, the last time
    mpin_set_at: Mapped[datetime | None] = mapped_column(TIMES)

    bank: Mapped[Bank] = relationship(lazy="joined", innerjoin=True)


class Session(SessionMixin, Base):
    """A customer's signed-in browser."""

    __tablename__ = "session"
    __table_args__ = ({"schema": "bank"},)

    owner_id: Mapped[UUID] = mapped_column(ForeignKey(Customer.id), index=True)
    owner: Mapped[Customer] = relationship(lazy="joined", innerjoin=True)


class Guess(GuessMixin, Base):
    """Failed tries at passwords and MPINs."""

    __tablename__ = "guess"
    __table_args__ = ({"schema": "bank"},)


class BankAccount(CreatedMixin, Base):
    """A customer's account. ``id`` is also its account in the ledger, which has the money."""

    __tablename__ = "account"
    __table_args__ = ({"schema": "bank"},)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey(Customer.id), index=True)
    bank_code: Mapped[str] = mapped_column(ForeignKey(Bank.code))
    number: Mapped[str] = mapped_column(Text, unique=True)
    ifsc: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text, default="Savings")


class PaymentSession(CreatedMixin, Base):
    """A platform's request to be paid, open for five minutes. The database's clock decides."""

    __tablename__ = "payment_session"
    __table_args__ = (
        UniqueConstraint("client", "reference"),
        CheckConstraint("amount > 0", "asks_for_something"),
        CheckConstraint(f"status IN {get_args(SessionStatus)}", "status_known"),
        Index("ix_payment_session_open", "expires_at", postgresql_where=text("status = 'open'")),
        {"schema": "bank"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    client: Mapped[str] = mapped_column(ForeignKey(CLIENT))
    bank_code: Mapped[str] = mapped_column(ForeignKey(Bank.code))
    reference: Mapped[str] = mapped_column(Text)
    amount: Mapped[Money] = mapped_column(MoneyColumn)
    description: Mapped[str] = mapped_column(Text)
    return_url: Mapped[str] = mapped_column(Text)
    status: Mapped[SessionStatus] = mapped_column(Text, default="open")
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    expires_at: Mapped[datetime] = mapped_column(TIMES)
    decided_at: Mapped[datetime | None] = mapped_column(TIMES)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey(Customer.id))
    decision_key: Mapped[UUID | None]  # the form's key: the same again is the same answer
    # What the platform would like to take each month without asking again, if anything.
    consent_cap: Mapped[Money | None] = mapped_column(MoneyColumn)

    bank: Mapped[Bank] = relationship(lazy="joined", innerjoin=True)


class SessionEvent(CreatedMixin, Base):
    """Who looked at a payment session, signed in for it, and decided it. Only added to."""

    __tablename__ = "session_event"
    __table_args__ = (Index(None, "session_id", "created_at"), {"schema": "bank"})

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    session_id: Mapped[UUID] = mapped_column(ForeignKey(PaymentSession.id))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey(Customer.id))
    what: Mapped[str] = mapped_column(Text)  # opened, signed_in, approved, declined, expired


class Payment(Base):
    """A captured payment: the customer was debited, the platform credited."""

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("client", "reference"),
        CheckConstraint("amount > 0", "pays_something"),
        Index(None, "client", "captured_at", "id"),
        Index(None, "account_id", "captured_at", "id"),
        Index(
            "ix_payment_by_consent",
            "consent_id",
            "captured_at",
            postgresql_where=text("consent_id IS NOT NULL"),
        ),
        {"schema": "bank"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    client: Mapped[str] = mapped_column(ForeignKey(CLIENT))
    session_id: Mapped[UUID] = mapped_column(ForeignKey(PaymentSession.id), unique=True)
    bank_code: Mapped[str] = mapped_column(ForeignKey(Bank.code))
    account_id: Mapped[UUID] = mapped_column(ForeignKey(BankAccount.id))
    reference: Mapped[str] = mapped_column(Text)
    amount: Mapped[Money] = mapped_column(MoneyColumn)
    status: Mapped[Literal["succeeded"]] = mapped_column(Text, default="succeeded")
    transfer_id: Mapped[UUID] = mapped_column(unique=True)
    captured_at: Mapped[datetime] = mapped_column(TIMES, server_default=func.clock_timestamp())
    consent_id: Mapped[UUID | None] = mapped_column(ForeignKey(CONSENT))  # if nobody was asked


class Idempotency(CreatedMixin, Base):
    """The first answer to a write of a client, kept with its effect."""

    __tablename__ = "idempotency"
    __table_args__ = ({"schema": "bank"},)

    client: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)  # method, path and body
    status: Mapped[int]
    body: Mapped[str] = mapped_column(Text)


class Witness(WitnessMixin, Base):
    """Digests of the wallet's seals."""

    __tablename__ = "witness"
    __table_args__ = ({"schema": "bank"},)
