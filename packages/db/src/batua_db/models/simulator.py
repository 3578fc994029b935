"""The faults that the bank's simulator makes on purpose. Production never reads them."""

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from batua_db.database import Base

from .bank import Bank
from .clients import Client
from .shared import CreatedMixin

What = Literal[
    "decline",
    "insufficient_funds",
    "slow",
    "webhook_lost",
    "webhook_delayed",
    "webhook_duplicated",
    "webhook_reordered",
    "webhook_corrupted",
    "api_500_before",
    "api_500_after",
    "api_timeout_before",
    "api_timeout_after",
    "payout_fails",
]
LONGEST = 120  # seconds
MOST_COPIES = 20
TIMES = DateTime(timezone=True)


class Fault(CreatedMixin, Base):
    """Something that goes wrong on purpose, for a client, a bank or one payment, while it is on."""

    __tablename__ = "fault"
    __table_args__ = (
        CheckConstraint(f"what IN {get_args(What)}", "what_known"),
        CheckConstraint("num_nonnulls(client, bank_code, reference) > 0", "is_about_something"),
        CheckConstraint(f"seconds BETWEEN 0 AND {LONGEST}", "seconds_bearable"),
        CheckConstraint(f"times BETWEEN 1 AND {MOST_COPIES}", "times_bearable"),
        CheckConstraint("(what = 'payout_fails') = (failure IS NOT NULL)", "failure_of_payout"),
        CheckConstraint("uses_left >= 0", "uses_counted"),
        Index("ix_fault_on", "created_at", postgresql_where=text("ended_at IS NULL")),
        {"schema": "bank"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    what: Mapped[What] = mapped_column(Text)
    client: Mapped[str | None] = mapped_column(ForeignKey(Client.id))
    bank_code: Mapped[str | None] = mapped_column(ForeignKey(Bank.code))
    reference: Mapped[str | None] = mapped_column(Text)
    seconds: Mapped[int] = mapped_column(default=0)
    times: Mapped[int] = mapped_column(default=1)  # copies of a webhook, the first included
    failure: Mapped[str | None] = mapped_column(Text)  # why a payout fails
    uses_left: Mapped[int | None]  # null: until it is ended
    fired: Mapped[int] = mapped_column(default=0)
    fired_at: Mapped[datetime | None] = mapped_column(TIMES)
    made_by: Mapped[str] = mapped_column(Text)  # who of the staff, or a magic reference
    ended_at: Mapped[datetime | None] = mapped_column(TIMES)

    @property
    def on(self) -> bool:
        """Whether it still happens."""
        return self.ended_at is None
