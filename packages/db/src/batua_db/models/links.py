"""The wallet's table of banks that a person need not go to again."""

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from batua_db.database import Base
from batua_db.money import Money, MoneyColumn

from .shared import CreatedMixin
from .wallet import Bank, Topup, User

LinkState = Literal["asked", "active", "ending", "ended"]
TIMES = DateTime(timezone=True)


class BankLink(CreatedMixin, Base):
    """A bank account that a person may add money from without going to the bank.

    ``asked``: the bank has yet to say whether its customer agreed, and how far. ``ending``:
    used no more, and the bank has yet to be told.
    """

    __tablename__ = "bank_link"
    __table_args__ = (
        CheckConstraint(f"state IN {get_args(LinkState)}", "state_known"),
        CheckConstraint("state = 'asked' OR state = 'ended' OR consent_id IS NOT NULL", "named"),
        Index(None, "user_id", "created_at"),
        Index("ix_bank_link_due", "check_at", postgresql_where=text("check_at IS NOT NULL")),
        {"schema": "wallet"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id))
    bank_code: Mapped[str] = mapped_column(ForeignKey(Bank.code))
    # With which it was asked for; the other way the foreign key is by name.
    topup_id: Mapped[UUID] = mapped_column(ForeignKey(Topup.id), unique=True)
    state: Mapped[LinkState] = mapped_column(Text, default="asked")
    consent_id: Mapped[str | None] = mapped_column(Text, unique=True)  # the bank's name for it
    account: Mapped[str] = mapped_column(Text, default="")  # its last digits
    cap: Mapped[Money | None] = mapped_column(MoneyColumn)  # in a calendar month
    expires_at: Mapped[datetime | None] = mapped_column(TIMES)
    ended_why: Mapped[str] = mapped_column(Text, default="")
    check_at: Mapped[datetime | None] = mapped_column(TIMES)  # when to ask or tell the bank
    checks: Mapped[int] = mapped_column(default=0)

    bank: Mapped[Bank] = relationship(lazy="joined", innerjoin=True)

    @property
    def name(self) -> str:
        """``State Bank of Batua ··4471``."""
        return f"{self.bank.name} ··{self.account}"
