"""What pages read of linked accounts. Every query names the person."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.payments import LinkedAccount
from batua_db.models.wallet import User


def linked(user: User) -> Sequence[LinkedAccount]:
    """A person's accounts, the first linked first."""
    mine = (LinkedAccount.user_id == user.id, LinkedAccount.removed_at.is_(None))
    query = select(LinkedAccount).where(*mine).order_by(LinkedAccount.created_at)
    return db.session.scalars(query).all()


def usable(user: User) -> Sequence[LinkedAccount]:
    """Those whose first day is over, or that need none."""
    mine = (LinkedAccount.user_id == user.id, LinkedAccount.removed_at.is_(None))
    ready = LinkedAccount.usable_at <= func.clock_timestamp()
    query = select(LinkedAccount).where(*mine, ready).order_by(LinkedAccount.created_at)
    return db.session.scalars(query).all()


def find(user: User, account_id: UUID) -> LinkedAccount:
    """An account of this person; anybody else's is not there."""
    for account in linked(user):
        if account.id == account_id:
            return account
    raise NotFound("There is no such account, or it is not yours.")
