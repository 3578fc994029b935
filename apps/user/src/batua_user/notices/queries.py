"""What the bell and the list read."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select, tuple_

from batua_db.database import db
from batua_db.models.ledger import Account
from batua_db.models.people import Notice, NoticeKind, NoticeSetting
from batua_db.models.wallet import User
from batua_db.money import Money

from .service import KINDS

A_PAGE = 30
MOST_COUNTED = 99


@dataclass(frozen=True, slots=True)
class Glance:
    """What changes by itself on an open page. ``version`` differs once there is news."""

    unread: int
    balance: Money
    version: str


def glance(user: User) -> Glance:
    """A person's balance and bell, in one round trip."""
    row = db.session.execute(
        select(Account.balance, Account.version, _unread(user).label("unread")).where(
            Account.id == user.account_id
        )
    ).one()
    return Glance(row.unread, row.balance, f"{row.version}-{row.unread}")


def unread(user: User) -> int:
    """How many notices await a person, counted up to what the bell can show."""
    return db.session.scalar(select(_unread(user))) or 0


def latest(user: User, *, after: UUID | None = None) -> tuple[Sequence[Notice], UUID | None]:
    """A person's notices, newest first, and the last one's id if there are older ones."""
    query = select(Notice).where(Notice.user_id == user.id)
    if after is not None:
        place = select(Notice.created_at, Notice.id).where(
            Notice.id == after, Notice.user_id == user.id
        )
        query = query.where(tuple_(Notice.created_at, Notice.id) < place.scalar_subquery())
    newest = query.order_by(Notice.created_at.desc(), Notice.id.desc()).limit(A_PAGE + 1)
    found = db.session.scalars(newest).all()
    return found[:A_PAGE], found[A_PAGE - 1].id if len(found) > A_PAGE else None


def wanted(user: User) -> set[NoticeKind]:
    """The kinds a person wants to be told of; at first, all."""
    refused = select(NoticeSetting.kind).where(
        NoticeSetting.user_id == user.id, ~NoticeSetting.wanted
    )
    return set(KINDS) - set(db.session.scalars(refused))


def _unread(user: User) -> ScalarSelect[int]:
    some = (
        select(Notice.id)
        .where(Notice.user_id == user.id, Notice.read_at.is_(None))
        .limit(MOST_COUNTED + 1)
        .subquery()
    )
    return select(func.count()).select_from(some).scalar_subquery()
