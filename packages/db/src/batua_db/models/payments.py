"""The wallet's tables of paying: bank accounts and payouts, merchants, billers."""

from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from batua_db.database import Base
from batua_db.money import Money, MoneyColumn

from .shared import CreatedMixin
from .wallet import Bank, User

PayoutState = Literal["prepared", "in_flight", "paid", "returned"]
MerchantState = Literal["waiting", "approved", "refused"]
BillState = Literal["prepared", "paid", "confirmed", "refunded"]
TIMES = DateTime(timezone=True)


class LinkedAccount(CreatedMixin, Base):
    """A person's own account at a bank, where money can be sent. The number is sealed."""

    __tablename__ = "linked_account"
    __table_args__ = (
        Index(
            "uq_linked_account_number",
            "user_id",
            "number_hash",
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
        ),
        {"schema": "wallet"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id))
    bank_code: Mapped[str] = mapped_column(ForeignKey(Bank.code))
    ifsc: Mapped[str] = mapped_column(Text)
    holder: Mapped[str] = mapped_column(Text)
    number_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    number_hash: Mapped[bytes] = mapped_column(LargeBinary)
    last_digits: Mapped[str] = mapped_column(Text)  # four, to know it by
    usable_at: Mapped[datetime] = mapped_column(TIMES)  # a later account waits for a day
    removed_at: Mapped[datetime | None] = mapped_column(TIMES)

    bank: Mapped[Bank] = relationship(lazy="joined", innerjoin=True)


class Merchant(CreatedMixin, Base):
    """A person's business. ``account_id`` is hot: nobody waits to pay it."""

    __tablename__ = "merchant"
    __table_args__ = (
        CheckConstraint(f"state IN {get_args(MerchantState)}", "state_known"),
        CheckConstraint("fee_bps BETWEEN 0 AND 300", "fee_sound"),
        Index("ix_merchant_queue", "created_at", postgresql_where=text("state = 'waiting'")),
        {"schema": "wallet"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), unique=True)
    account_id: Mapped[UUID] = mapped_column(unique=True)
    business_name: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    state: Mapped[MerchantState] = mapped_column(Text, default="waiting")
    reason: Mapped[str] = mapped_column(Text, default="")
    fee_bps: Mapped[int] = mapped_column(default=100)  # of what is settled: 100 is one percent
    settle_to: Mapped[UUID | None] = mapped_column(ForeignKey(LinkedAccount.id))
    settle_nightly: Mapped[bool] = mapped_column(default=True)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("wallet.staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(TIMES)

    user: Mapped[User] = relationship(lazy="raise_on_sql")


class Payout(CreatedMixin, Base):
    """Money on its way to a bank account: a withdrawal, or what a merchant took.

    ``id`` is the form's key, and the bank's ``reference`` and idempotency key.
    """

    __tablename__ = "payout"
    __table_args__ = (
        CheckConstraint("amount > 0", "pays_something"),
        CheckConstraint("fee >= 0", "fee_sound"),
        CheckConstraint(f"state IN {get_args(PayoutState)}", "state_known"),
        Index(None, "user_id", "created_at"),
        Index(None, "merchant_id", "created_at"),
        Index("ix_payout_due", "check_at", postgresql_where=text("check_at IS NOT NULL")),
        {"schema": "wallet"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id))
    merchant_id: Mapped[UUID | None] = mapped_column(ForeignKey(Merchant.id))  # a settlement
    linked_account_id: Mapped[UUID] = mapped_column(ForeignKey(LinkedAccount.id))
    amount: Mapped[Money] = mapped_column(MoneyColumn)  # what the bank account gets
    fee: Mapped[Money] = mapped_column(MoneyColumn, default=Money(0))  # beside it, of a merchant
    state: Mapped[PayoutState] = mapped_column(Text, default="prepared")
    bank_code: Mapped[str | None] = mapped_column(ForeignKey(Bank.code))  # whose platform pays
    bank_payout_id: Mapped[str | None] = mapped_column(Text, unique=True)  # the bank's name for it
    failure: Mapped[str] = mapped_column(Text, default="")
    transfer_id: Mapped[UUID | None]  # out of the wallet
    outcome_id: Mapped[UUID | None]  # to the float, or back
    check_at: Mapped[datetime | None] = mapped_column(TIMES)  # when to ask the bank again
    checks: Mapped[int] = mapped_column(default=0)

    linked_account: Mapped[LinkedAccount] = relationship(lazy="joined", innerjoin=True)


class Payment(CreatedMixin, Base):
    """A payment to a merchant. ``id`` is the form's key; paid when it has a transfer.

    ``order_no`` comes from a signed QR, and is paid once.
    """

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("amount > 0", "pays_something"),
        CheckConstraint("refunded BETWEEN 0 AND amount", "refunded_sound"),
        CheckConstraint("(transfer_id IS NULL) = (paid_at IS NULL)", "paid_sound"),
        Index(
            "uq_payment_order",
            "merchant_id",
            "order_no",
            unique=True,
            postgresql_where=text("transfer_id IS NOT NULL"),
        ),
        Index(
            "ix_payment_takings",
            "merchant_id",
            "paid_at",
            postgresql_where=text("paid_at IS NOT NULL"),
        ),
        Index(None, "payer_id", "created_at"),
        {"schema": "wallet"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    payer_id: Mapped[UUID] = mapped_column(ForeignKey(User.id))
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey(Merchant.id))
    amount: Mapped[Money] = mapped_column(MoneyColumn)
    note: Mapped[str] = mapped_column(Text, default="")
    order_no: Mapped[str | None] = mapped_column(Text)
    transfer_id: Mapped[UUID | None] = mapped_column(unique=True)
    paid_at: Mapped[datetime | None] = mapped_column(TIMES)
    refunded: Mapped[Money] = mapped_column(MoneyColumn, default=Money(0))

    merchant: Mapped[Merchant] = relationship(lazy="joined", innerjoin=True)
    payer: Mapped[User] = relationship(lazy="raise_on_sql")


class Refund(CreatedMixin, Base):
    """Money that a merchant gave back of a payment. ``id`` is the form's key."""

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("amount > 0", "refunds_something"),
        Index(None, "payment_id", "created_at"),
        {"schema": "wallet"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey(Payment.id))
    amount: Mapped[Money] = mapped_column(MoneyColumn)
    reason: Mapped[str] = mapped_column(Text, default="")
    transfer_id: Mapped[UUID] = mapped_column(unique=True)


class Biller(Base):
    """A company whose bills are paid here. How its numbers look is in ``batua_user.billers``."""

    __tablename__ = "biller"
    __table_args__ = ({"schema": "wallet"},)

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    account_id: Mapped[UUID] = mapped_column(unique=True)


class BillPayment(CreatedMixin, Base):
    """A bill, paid from the wallet. ``id`` is the form's key, and the biller's reference for it."""

    __tablename__ = "bill_payment"
    __table_args__ = (
        CheckConstraint("amount > 0", "pays_something"),
        CheckConstraint(f"state IN {get_args(BillState)}", "state_known"),
        Index(None, "payer_id", "created_at"),
        Index("ix_bill_payment_due", "check_at", postgresql_where=text("check_at IS NOT NULL")),
        {"schema": "wallet"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    payer_id: Mapped[UUID] = mapped_column(ForeignKey(User.id))
    biller_code: Mapped[str] = mapped_column(ForeignKey(Biller.code))
    reference: Mapped[str] = mapped_column(Text)  # the customer's number at the biller
    bill_no: Mapped[str | None] = mapped_column(Text)  # of a fetched bill, and what stood on it
    bill_name: Mapped[str] = mapped_column(Text, default="")
    due_on: Mapped[date | None] = mapped_column(Date)
    amount: Mapped[Money] = mapped_column(MoneyColumn)
    note: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[BillState] = mapped_column(Text, default="prepared")
    confirmation: Mapped[str] = mapped_column(Text, default="")  # the biller's word for it
    failure: Mapped[str] = mapped_column(Text, default="")
    transfer_id: Mapped[UUID | None] = mapped_column(unique=True)
    refund_id: Mapped[UUID | None] = mapped_column(unique=True)
    check_at: Mapped[datetime | None] = mapped_column(TIMES)  # when to ask the biller again
    checks: Mapped[int] = mapped_column(default=0)

    biller: Mapped[Biller] = relationship(lazy="joined", innerjoin=True)


class BillerAnswer(CreatedMixin, Base):
    """What the stand-in for billers answered to a payment: the same, however often it is asked."""

    __tablename__ = "biller_answer"
    __table_args__ = ({"schema": "wallet"},)

    payment_id: Mapped[UUID] = mapped_column(primary_key=True)
    biller_code: Mapped[str] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(Text)
    amount: Mapped[Money] = mapped_column(MoneyColumn)
    confirmation: Mapped[str] = mapped_column(Text, default="")
    refusal: Mapped[str] = mapped_column(Text, default="")
