"""The wallet's tables of the banks' settlement files: a file for each day, and what differed."""

from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from batua_db.database import Base
from batua_db.money import Money, MoneyColumn

from .desk import Way
from .shared import CreatedMixin
from .wallet import Bank

# Imported and in order; imported, and something differs; nothing came; what came can't be true.
FileStatus = Literal["matched", "differs", "missing", "refused"]
# They explain themselves; as continuous reconciliation says it; and lines that are not as
# they were when they were read before.
Explained = Literal["over midnight", "awaited", "on its way"]
Differs = Literal["not booked", "missing at the bank", "amounts differ"]
Reread = Literal["read otherwise", "never read", "vanished"]
DayWhat = Explained | Differs | Reread
WHATS = get_args(Explained) + get_args(Differs) + get_args(Reread)
TIMES = DateTime(timezone=True)


class SettlementFile(CreatedMixin, Base):
    """A day of our account at a bank, as the bank's file of it says; imported once.

    ``number`` and ``closing`` are where its lines end, ``booked`` is where our float's do: the
    next day goes on from there. A day that is missing or refused is asked for again.
    """

    __tablename__ = "settlement_file"
    __table_args__ = (
        UniqueConstraint("bank_code", "day"),
        CheckConstraint(f"status IN {get_args(FileStatus)}", "status_known"),
        {"schema": "wallet"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    bank_code: Mapped[str] = mapped_column(ForeignKey(Bank.code))
    day: Mapped[date]  # in India
    status: Mapped[FileStatus] = mapped_column(Text)
    fault: Mapped[str] = mapped_column(Text, default="")  # why it is missing or refused
    checksum: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    count: Mapped[int] = mapped_column(default=0)
    sum_in: Mapped[Money] = mapped_column(MoneyColumn, default=Money(0))
    sum_out: Mapped[Money] = mapped_column(MoneyColumn, default=Money(0))
    opening: Mapped[Money] = mapped_column(MoneyColumn, default=Money(0))
    closing: Mapped[Money] = mapped_column(MoneyColumn, default=Money(0))
    number: Mapped[int] = mapped_column(BigInteger, default=0)
    booked: Mapped[int] = mapped_column(BigInteger, default=0)
    checked_at: Mapped[datetime] = mapped_column(TIMES, server_default=func.clock_timestamp())

    bank: Mapped[Bank] = relationship(lazy="joined", innerjoin=True)


class SettlementPart(Base):
    """A piece of a file as it was received, compressed: so that no size of file is too large."""

    __tablename__ = "settlement_part"
    __table_args__ = ({"schema": "wallet"},)

    file_id: Mapped[UUID] = mapped_column(ForeignKey(SettlementFile.id), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class SettlementItem(Base):
    """What a day's file and our book do not have in common, or a line that was read otherwise.

    What both moved under a name is counted from when they last agreed: what is open at the
    end of a day is carried into the next one.
    """

    __tablename__ = "settlement_item"
    __table_args__ = (
        CheckConstraint(f"what IN {WHATS}", "what_known"),
        CheckConstraint(f"way IN {get_args(Way)}", "way_known"),
        Index(None, "file_id"),
        {"schema": "wallet"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    file_id: Mapped[UUID] = mapped_column(ForeignKey(SettlementFile.id))
    what: Mapped[DayWhat] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(Text)
    way: Mapped[Way] = mapped_column(Text)
    line: Mapped[int | None] = mapped_column(BigInteger)  # of the file, where it is about one
    moved: Mapped[Money] = mapped_column(MoneyColumn)  # in the file
    booked: Mapped[Money] = mapped_column(MoneyColumn)  # in our book; of a line: as it was read
    at: Mapped[datetime] = mapped_column(TIMES)  # the latest of either
    wrong: Mapped[bool]  # or it explains itself
