"""The wallet's tables of its desk: staff, what they did, and what the bank's statement says."""

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from batua_db.database import Base
from batua_db.money import Money, MoneyColumn

from .shared import (
    ActMixin,
    CreatedMixin,
    ProposalMixin,
    SessionMixin,
    StaffMixin,
    proposal_checks,
)
from .wallet import Bank

Role = Literal["operator", "supervisor", "auditor"]
Way = Literal["in", "out"]
TIMES = DateTime(timezone=True)


class Staff(StaffMixin, Base):
    """Someone who works at Batua's desk. An auditor only looks."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint(f"role IN {get_args(Role)}", "role_known"),
        {"schema": "wallet"},
    )

    role: Mapped[Role] = mapped_column(Text)


class StaffSession(SessionMixin, Base):
    """A browser signed in to the desk."""

    __tablename__ = "staff_session"
    __table_args__ = ({"schema": "wallet"},)

    owner_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id), index=True)
    owner: Mapped[Staff] = relationship(lazy="joined", innerjoin=True)


class Act(ActMixin, Base):
    """What a member of staff did, to what, and why. Only added to."""

    __tablename__ = "act"
    __table_args__ = (
        CheckConstraint("reason <> ''", "has_reason"),
        Index(None, "subject", "created_at"),
        Index(None, "created_at"),
        {"schema": "wallet"},
    )

    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id))
    subject: Mapped[UUID | None] = mapped_column()

    staff: Mapped[Staff] = relationship(lazy="joined", innerjoin=True)


class Correction(ProposalMixin, Base):
    """Money to be moved back by hand; whoever proposed it can't be who makes it."""

    __tablename__ = "correction"
    __table_args__ = (
        *proposal_checks(),
        Index("ix_correction_open", "created_at", postgresql_where=text("state = 'proposed'")),
        {"schema": "wallet"},
    )

    proposed_by: Mapped[UUID] = mapped_column(ForeignKey(Staff.id))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))


class Halt(CreatedMixin, Base):
    """Something that is stopped until a person says otherwise: ``payouts``."""

    __tablename__ = "halt"
    __table_args__ = ({"schema": "wallet"},)

    what: Mapped[str] = mapped_column(Text, primary_key=True)
    reason: Mapped[str] = mapped_column(Text)


class BankStatement(Base):
    """How far the bank's statement of our account there has been read, and our float with it.

    Up to its line ``cursor`` and to the float's line ``booked``, the two agree but for what
    stands in ``Difference``.
    """

    __tablename__ = "bank_statement"
    __table_args__ = ({"schema": "wallet"},)

    bank_code: Mapped[str] = mapped_column(ForeignKey(Bank.code), primary_key=True)
    cursor: Mapped[str | None] = mapped_column(Text)  # the number of the last line read
    balance: Mapped[Money] = mapped_column(MoneyColumn)  # after that line
    booked: Mapped[int] = mapped_column(BigInteger, server_default="0")
    # When the bank was asked, the last time that all of it was read.
    read_at: Mapped[datetime] = mapped_column(TIMES, server_default=func.clock_timestamp())
    complete: Mapped[bool] = mapped_column(server_default="false")  # whether it ever was
    fault: Mapped[str] = mapped_column(Text, server_default="")  # what is wrong with it itself


class BankEntry(Base):
    """A line of the bank's statement of our account there: what our float is held against."""

    __tablename__ = "bank_entry"
    __table_args__ = (
        Index(None, "reference"),
        Index(None, "bank_code", "number"),
        {"schema": "wallet"},
    )

    bank_code: Mapped[str] = mapped_column(ForeignKey(Bank.code), primary_key=True)
    entry_id: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)  # another line may have it after a restore
    reference: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    amount: Mapped[Money] = mapped_column(MoneyColumn)  # above zero: came in
    happened_at: Mapped[datetime] = mapped_column(TIMES)
    seen_at: Mapped[datetime] = mapped_column(TIMES, server_default=func.clock_timestamp())


class Difference(Base):
    """What one reference moved at a bank and in our book, for as long as the two differ.

    Money in and money out under one reference are apart. Times are ours but for
    ``happened_at``, which is the bank's.
    """

    __tablename__ = "difference"
    __table_args__ = (
        CheckConstraint(f"way IN {get_args(Way)}", "way_known"),
        {"schema": "wallet"},
    )

    bank_code: Mapped[str] = mapped_column(ForeignKey(Bank.code), primary_key=True)
    reference: Mapped[str] = mapped_column(Text, primary_key=True)
    way: Mapped[Way] = mapped_column(Text, primary_key=True)
    moved: Mapped[Money | None] = mapped_column(MoneyColumn)  # on the bank's statement
    moved_at: Mapped[datetime | None] = mapped_column(TIMES)
    happened_at: Mapped[datetime | None] = mapped_column(TIMES)
    booked: Mapped[Money | None] = mapped_column(MoneyColumn)  # in our book
    booked_at: Mapped[datetime | None] = mapped_column(TIMES)
    alarmed_at: Mapped[datetime | None] = mapped_column(TIMES)  # when it stopped payouts
