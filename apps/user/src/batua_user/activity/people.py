"""Me and one other person: what went both ways.

Payments between two people are found by their orders, which know both; a correction is
found by the payment that it takes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select, union_all

from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.ledger import Entry, Transfer
from batua_db.models.wallet import SendOrder, User
from batua_db.money import Money

from . import lines
from .lines import Line
from .queries import A_PAGE, Flow, Page, flow

LATEST = 2000  # payments each way


@dataclass(frozen=True, slots=True)
class Pair:
    """What went between me and ``person``; ``cut`` when there was more than we look at."""

    person: User
    flow: Flow
    page: Page
    cut: bool


def between(user: User, person_id: UUID, *, after: int | None = None, most: int = A_PAGE) -> Pair:
    """All of it, a page of lines at a time; somebody I have nothing with is not there."""
    person = db.session.get(User, person_id)
    known = person and db.session.execute(_mine(user, person)).all()
    if not person or not known:
        raise NotFound("You have no payments with this person.")
    left = [row.version for row in known if after is None or row.version < after]
    older = left[most - 1] if len(left) > most else None
    page = Page(_lines(user, left[:most]), older, len(known))
    sums = flow(row.amount for row in known)
    return Pair(person, sums, page, len(known) >= LATEST)


def _lines(user: User, versions: Sequence[int]) -> Sequence[Line]:
    mine = lines.of_account(user.account_id).where(Entry.version.in_(versions))
    return lines.named(db.session.execute(mine.order_by(Entry.version.desc())).all())


def _mine(user: User, person: User) -> Select[int, Money]:
    """My entries of what went between us, newest first."""
    sent = union_all(_orders(user, person), _orders(person, user)).subquery()
    paid = select(Transfer.id).join(sent, Transfer.key == func.concat("send:", sent.c.id))
    paid = paid.where(Transfer.book == "wallet")
    undone = select(Transfer.id).where(Transfer.reverses.in_(paid))
    query = select(Entry.version, Entry.amount).where(
        Entry.account_id == user.account_id, Entry.transfer_id.in_(union_all(paid, undone))
    )
    return query.order_by(Entry.version.desc())


def _orders(sender: User, payee: User) -> Select[UUID]:
    ours = (SendOrder.sender_id == sender.id, SendOrder.payee_id == payee.id)
    latest = select(SendOrder.id).where(*ours).order_by(SendOrder.created_at.desc()).limit(LATEST)
    return select(latest.subquery().c.id)
