"""The bank's tables of what leaves it for a platform: payouts, refunds, and files of its days."""

from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from batua_db.database import Base
from batua_db.money import Money, MoneyColumn

from .bank import CLIENT, Bank, BankAccount, Payment
from .clients import Platform
from .shared import CreatedMixin

PayoutStatus = Literal["pending", "succeeded", "failed"]
TIMES = DateTime(timezone=True)


class Payout(CreatedMixin, Base):
    """A platform's order to pay somebody from its account at ``bank_code``.

    A worker carries it out a moment later. ``account_number`` and ``ifsc`` are the
    receiver's, as given: they may name no account at all.
    """

    __tablename__ = "payout"
    __table_args__ = (
        UniqueConstraint("client", "reference"),
        CheckConstraint("amount > 0", "pays_something"),
        CheckConstraint(f"status IN {get_args(PayoutStatus)}", "status_known"),
        CheckConstraint("(status = 'succeeded') = (transfer_id IS NOT NULL)", "paid_by_transfer"),
        Index("ix_payout_waiting", "created_at", postgresql_where=text("status = 'pending'")),
        Index(None, "client", "created_at", "id"),
        {"schema": "bank"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    client: Mapped[str] = mapped_column(ForeignKey(CLIENT))
    bank_code: Mapped[str] = mapped_column(ForeignKey(Bank.code))
    account_number: Mapped[str] = mapped_column(Text)
    ifsc: Mapped[str] = mapped_column(Text)
    holder: Mapped[str] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(Text)
    amount: Mapped[Money] = mapped_column(MoneyColumn)
    status: Mapped[PayoutStatus] = mapped_column(Text, default="pending")
    failure: Mapped[str | None] = mapped_column(Text)  # a stable name of why it failed
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey(BankAccount.id))
    transfer_id: Mapped[UUID | None] = mapped_column(unique=True)
    decided_at: Mapped[datetime | None] = mapped_column(TIMES)


class Refund(CreatedMixin, Base):
    """Money that a platform gave back of a payment, to the account that paid. Only added to."""

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("amount > 0", "refunds_something"),
        Index(None, "payment_id", "created_at"),
        {"schema": "bank"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    client: Mapped[str] = mapped_column(ForeignKey(CLIENT))
    payment_id: Mapped[UUID] = mapped_column(ForeignKey(Payment.id))
    amount: Mapped[Money] = mapped_column(MoneyColumn)
    reason: Mapped[str] = mapped_column(Text)
    transfer_id: Mapped[UUID] = mapped_column(unique=True)


class SettlementFile(CreatedMixin, Base):
    """What a day of a platform's account was when it was closed. Only added to.

    The file itself is made from the ledger whenever it is asked for; here is what it must be.
    """

    __tablename__ = "settlement_file"
    __table_args__ = (
        ForeignKeyConstraint(["client_id", "bank_code"], [Platform.client_id, Platform.bank_code]),
        {"schema": "bank"},
    )

    client_id: Mapped[str] = mapped_column(Text, primary_key=True)
    bank_code: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)  # in India
    last_number: Mapped[int] = mapped_column(BigInteger)  # of its last line, or of one before it
    count: Mapped[int]
    sum_in: Mapped[Money] = mapped_column(MoneyColumn)
    sum_out: Mapped[Money] = mapped_column(MoneyColumn)
    opening: Mapped[Money] = mapped_column(MoneyColumn)
    closing: Mapped[Money] = mapped_column(MoneyColumn)
    checksum: Mapped[bytes] = mapped_column(LargeBinary)  # what its trailer says
    digest: Mapped[bytes] = mapped_column(LargeBinary)  # of all of it
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
