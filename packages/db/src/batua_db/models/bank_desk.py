"""The bank's tables of its desk: staff, what they did, and what they take back by hand."""

from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from batua_db.database import Base

from .clients import Client
from .shared import ActMixin, ProposalMixin, SessionMixin, StaffMixin, proposal_checks

Role = Literal["operator", "supervisor", "auditor", "developer"]


class Staff(StaffMixin, Base):
    """Someone who works at the bank's desk. An auditor only looks.

    A developer is a client's, and sees the pages of that client alone.
    """

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint(f"role IN {get_args(Role)}", "role_known"),
        CheckConstraint("(role = 'developer') = (client_id IS NOT NULL)", "developer_has_client"),
        {"schema": "bank"},
    )

    role: Mapped[Role] = mapped_column(Text)
    client_id: Mapped[str | None] = mapped_column(ForeignKey(Client.id))


class StaffSession(SessionMixin, Base):
    """A browser signed in to the desk."""

    __tablename__ = "staff_session"
    __table_args__ = ({"schema": "bank"},)

    owner_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id), index=True)
    owner: Mapped[Staff] = relationship(lazy="joined", innerjoin=True)


class Act(ActMixin, Base):
    """What a member of staff did, to what, and why. Only added to."""

    __tablename__ = "act"
    __table_args__ = (
        CheckConstraint("reason <> ''", "has_reason"),
        Index(None, "subject", "created_at"),
        Index(None, "created_at"),
        {"schema": "bank"},
    )

    staff_id: Mapped[UUID] = mapped_column(ForeignKey(Staff.id))
    subject: Mapped[str | None] = mapped_column(Text)  # an id, or the code of a bank or a client

    staff: Mapped[Staff] = relationship(lazy="joined", innerjoin=True)


class Reversal(ProposalMixin, Base):
    """Cash that was booked wrongly at the desk, to be taken back by two of the staff."""

    __tablename__ = "reversal"
    __table_args__ = (
        *proposal_checks(),
        Index("ix_reversal_open", "created_at", postgresql_where=text("state = 'proposed'")),
        {"schema": "bank"},
    )

    proposed_by: Mapped[UUID] = mapped_column(ForeignKey(Staff.id))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey(Staff.id))
