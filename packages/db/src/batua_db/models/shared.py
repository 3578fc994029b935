"""What the wallet and the bank each have a table of."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, Text, func
from sqlalchemy.orm import Mapped, mapped_column


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


class WitnessMixin:
    """A digest of the other app's seals, kept where it can't be rewritten with them."""

    book: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp()
    )
