"""The bank's tables of what a customer looks after: standing consents, and their own access."""

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from batua_db.database import Base
from batua_db.money import Money, MoneyColumn

from .bank import CLIENT, Bank, BankAccount, Customer, PaymentSession
from .clients import Client
from .shared import CreatedMixin

ConsentStatus = Literal["active", "revoked"]
AccessKind = Literal[
    "refused",  # a try to sign in that was not, or not yet, found right
    "signed_in",
    "password_changed",
    "mpin_changed",
    "signed_out_one",
    "signed_out_others",
]
TIMES = DateTime(timezone=True)


class Consent(CreatedMixin, Base):
    """A customer lets a platform take up to ``cap`` a calendar month from an account, unasked.

    Given with an approved session, which has its reference. What is used of it is counted
    from the payments that name it, while its row is held.
    """

    __tablename__ = "consent"
    __table_args__ = (
        UniqueConstraint("client", "reference"),
        CheckConstraint("cap > 0", "allows_something"),
        CheckConstraint(f"status IN {get_args(ConsentStatus)}", "status_known"),
        CheckConstraint("(status = 'revoked') = (revoked_at IS NOT NULL)", "revoked_when"),
        Index(None, "customer_id", "created_at"),
        {"schema": "bank"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    client: Mapped[str] = mapped_column(ForeignKey(CLIENT))
    session_id: Mapped[UUID] = mapped_column(ForeignKey(PaymentSession.id), unique=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey(Customer.id))
    account_id: Mapped[UUID] = mapped_column(ForeignKey(BankAccount.id))
    bank_code: Mapped[str] = mapped_column(ForeignKey(Bank.code))
    reference: Mapped[str] = mapped_column(Text)
    cap: Mapped[Money] = mapped_column(MoneyColumn)  # paise in a calendar month, in India
    status: Mapped[ConsentStatus] = mapped_column(Text, default="active")
    expires_at: Mapped[datetime] = mapped_column(TIMES)
    revoked_at: Mapped[datetime | None] = mapped_column(TIMES)
    revoked_by: Mapped[str] = mapped_column(Text, default="")  # customer, platform

    account: Mapped[BankAccount] = relationship(lazy="joined", innerjoin=True)
    platform: Mapped[Client] = relationship(lazy="joined", innerjoin=True)


class Access(CreatedMixin, Base):
    """That somebody signed in as a customer, or tried, or changed what guards their money."""

    __tablename__ = "access"
    __table_args__ = (
        CheckConstraint(f"what IN {get_args(AccessKind)}", "what_known"),
        Index(None, "customer_id", "created_at", "id"),
        {"schema": "bank"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey(Customer.id))
    what: Mapped[AccessKind] = mapped_column(Text)
    agent: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
