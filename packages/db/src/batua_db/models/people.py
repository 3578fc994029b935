"""The wallet's tables of what people may do, and of what they are told."""

from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from batua_db.database import Base
from batua_db.money import Money, MoneyColumn

from .shared import CreatedMixin
from .wallet import Tier, User

Limit = Literal[
    "load_month",  # added from banks in a calendar month
    "load_year",  # … in a financial year, from April
    "balance",  # held at once
    "send_month",  # sent in a month to all payees who are not registered
    "send_payee_month",  # sent in a month to one registered payee
    "new_device_day",  # sent and withdrawn in the first day on a device
]
KycState = Literal["waiting", "approved", "refused"]
NoticeKind = Literal["money_in", "money_out", "topup", "payout", "merchant", "kyc", "security"]
TIMES = DateTime(timezone=True)


class LimitRule(CreatedMixin, Base):
    """What a tier may do from a day on; the latest row that has begun holds.

    No row: the tier may not do it at all, or, for ``balance`` and ``load_…``, without bound.
    """

    __tablename__ = "limit_rule"
    __table_args__ = (
        CheckConstraint(f"tier IN {get_args(Tier)}", "tier_known"),
        CheckConstraint(f"what IN {get_args(Limit)}", "what_known"),
        CheckConstraint("most > 0", "allows_something"),
        {"schema": "wallet"},
    )

    tier: Mapped[Tier] = mapped_column(Text, primary_key=True)
    what: Mapped[Limit] = mapped_column(Text, primary_key=True)
    valid_from: Mapped[date] = mapped_column(Date, primary_key=True)
    most: Mapped[Money] = mapped_column(MoneyColumn)
    source: Mapped[str] = mapped_column(Text)


class Usage(Base):
    """How much of a limit is used in a period, counted where the money moves.

    ``what`` is a limit, with the payee's id behind a colon where it counts for each payee.
    """

    __tablename__ = "usage"
    __table_args__ = (CheckConstraint("used >= 0", "used_sound"), {"schema": "wallet"})

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), primary_key=True)
    what: Mapped[str] = mapped_column(Text, primary_key=True)
    since: Mapped[date] = mapped_column(Date, primary_key=True)  # the period's first day, in India
    used: Mapped[Money] = mapped_column(MoneyColumn)


class Payee(CreatedMixin, Base):
    """Someone whom a person pays; ``registered_at`` once they said that they know them."""

    __tablename__ = "payee"
    __table_args__ = ({"schema": "wallet"},)

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), primary_key=True)
    payee_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), primary_key=True)
    registered_at: Mapped[datetime | None] = mapped_column(TIMES)


class Device(CreatedMixin, Base):
    """A browser that a person signed in with, known by a cookie of its own."""

    __tablename__ = "device"
    __table_args__ = ({"schema": "wallet"},)

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class KycRequest(CreatedMixin, Base):
    """A person's wish for a full wallet. What identifies them is sealed by ``fields``."""

    __tablename__ = "kyc_request"
    __table_args__ = (
        CheckConstraint(f"state IN {get_args(KycState)}", "state_known"),
        Index(
            "uq_kyc_request_waiting",
            "user_id",
            unique=True,
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "uq_kyc_request_pan",
            "pan_hash",
            unique=True,
            postgresql_where=text("state = 'approved'"),
        ),
        Index(None, "user_id", "created_at"),
        Index("ix_kyc_request_queue", "created_at", postgresql_where=text("state = 'waiting'")),
        {"schema": "wallet"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id))
    name: Mapped[str] = mapped_column(Text)
    pan_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    pan_hash: Mapped[bytes] = mapped_column(LargeBinary)
    birth_date_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[KycState] = mapped_column(Text, default="waiting")
    reason: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("wallet.staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(TIMES)


class Notice(CreatedMixin, Base):
    """Something a person is told in the wallet. ``path`` is the page that says more."""

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint(f"kind IN {get_args(NoticeKind)}", "kind_known"),
        Index(None, "user_id", "created_at"),
        Index("ix_notice_unread", "user_id", postgresql_where=text("read_at IS NULL")),
        {"schema": "wallet"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id))
    kind: Mapped[NoticeKind] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text, default="")
    path: Mapped[str] = mapped_column(Text)
    read_at: Mapped[datetime | None] = mapped_column(TIMES)


class NoticeSetting(Base):
    """That a person does not want a kind of notice, or does again."""

    __tablename__ = "notice_setting"
    __table_args__ = ({"schema": "wallet"},)

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), primary_key=True)
    kind: Mapped[NoticeKind] = mapped_column(Text, primary_key=True)
    wanted: Mapped[bool]


class Step(CreatedMixin, Base):
    """A step of an operation, whatever it is: what its timeline shows. Only added to."""

    __tablename__ = "step"
    __table_args__ = (Index(None, "subject", "created_at"), {"schema": "wallet"})

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    subject: Mapped[UUID]  # the payout, the bill payment, the top-up
    what: Mapped[str] = mapped_column(Text)  # asked, sent, paid, returned, …
    note: Mapped[str] = mapped_column(Text, default="")
