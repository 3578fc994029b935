"""What the wallet and the bank each have a table of."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, DateTime, LargeBinary, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from batua_db.money import Money, MoneyColumn


class CreatedMixin:
    """When the row was written, by the database's clock."""

    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )


class GuessMixin:
    """Tries at a secret that failed; see ``batua_db.guesses``."""

    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    blocked_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SignedInMixin:
    """Someone who can be signed in: what Flask-Login asks of them."""

    is_active = True
    is_authenticated = True
    is_anonymous = False
    session_token: str = ""
    session_stale: bool = False  # it is a while since it was noted that they are there

    def get_id(self) -> str:
        """The session's token, so that ending the session ends every copy of the cookie."""
        return self.session_token


class SessionMixin(CreatedMixin):
    """A signed-in session; see ``batua_db.sessions``."""

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    owner_id: Mapped[UUID]
    agent: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class StaffMixin(CreatedMixin, SignedInMixin):
    """Someone who works at a desk; see ``batua_db.staff``."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    username: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    role: Mapped[Any]


class ActMixin(CreatedMixin):
    """What a member of staff did, to what, and why. Only added to."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    staff_id: Mapped[UUID]
    what: Mapped[str] = mapped_column(Text)  # freeze, approve_kyc, propose_correction, …
    subject: Mapped[Any]
    reason: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class ProposalMixin(CreatedMixin):
    """Money to be moved back by hand; whoever proposed it can't be who makes it."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    reverses: Mapped[UUID]  # a transfer of the house's book
    amount: Mapped[Money] = mapped_column(MoneyColumn)
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[UUID]
    state: Mapped[Literal["proposed", "made", "refused"]] = mapped_column(Text, default="proposed")
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    transfer_id: Mapped[UUID | None] = mapped_column(unique=True)


def proposal_checks() -> tuple[CheckConstraint, ...]:
    """What the database itself holds proposals to."""
    return (
        CheckConstraint("amount > 0", "corrects_something"),
        CheckConstraint("state IN ('proposed', 'made', 'refused')", "state_known"),
        CheckConstraint("state <> 'made' OR decided_by <> proposed_by", "four_eyes"),
    )


class WitnessMixin:
    """A digest of the other app's seals, kept where it can't be rewritten with them."""

    book: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )
