"""SMS: one small door, whatever is behind it.

In development a message is a row that the mailbox page shows. No provider is built in
yet, so that in production an SMS can't be sent, and what needs one says so at once.
"""

from uuid import UUID

from sqlalchemy import func, insert, literal, select

from batua_config.current import settings
from batua_db.database import db
from batua_db.errors import Unavailable
from batua_db.models.wallet import Message, User


def require_provider() -> None:
    """Refuse early what would end in an SMS that can't be sent."""
    if settings.production:
        raise Unavailable(
            "We can’t send an SMS at the moment. Nothing was done; try again in an hour.",
            retry_after=3600,
        )


def send_sms(to: str, text: str, *, code: str | None = None) -> None:
    """Send ``text`` to ``to`` when the caller's transaction commits."""
    require_provider()
    db.session.add(Message(to=to, text=text, code=code))


def notify_by_sms(user_id: UUID, text: str) -> None:
    """Send ``text`` to a person's own phone when the caller commits.

    Where no SMS can be sent it is left out: what it tells of must not fail for it.
    """
    if settings.production:
        return
    message = select(func.gen_random_uuid(), User.phone, literal(text)).where(User.id == user_id)
    db.session.execute(insert(Message).from_select(["id", "to", "text"], message))
