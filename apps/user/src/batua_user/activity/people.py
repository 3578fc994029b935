"""Me and one other person: what went both ways.

Payments between two people are found by their orders, which know both; a correction is
found by the payment that it takes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    Text,
    Uuid,
    any_,
    func,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.ledger import Entry, Transfer
from batua_db.models.wallet import SendOrder, User
from batua_db.money import Money
from batua_db.passbook import Flow, Page, flow

from . import lines
from .lines import Line
from .queries import A_PAGE

LATEST = 2000  # payments each way


@dataclass(frozen=True, slots=True)
class Pair:
    """What went between me and ``person``; ``cut`` when there was more than we look at."""

    person: User
    flow: Flow
    page: Page[Line]
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
    keys = _any_of(select(func.concat("send:", sent.c.id)), Text())
    paid = select(Transfer.id).where(Transfer.book == "wallet", Transfer.key == keys)
    undone = select(Transfer.id).where(Transfer.reverses == _any_of(paid, Uuid()))
    both = _any_of(union_all(paid, undone), Uuid())
    query = select(Entry.version, Entry.amount).where(
        Entry.account_id == user.account_id, Entry.transfer_id == both
    )
    return query.order_by(Entry.version.desc())


def _any_of(found: Select[Any] | CompoundSelect[Any], kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """Any of what a query finds, as an array: each is then looked up in its index.

    Joined, a few thousand of them would have every transfer of the wallet read.
    """
    return any_(func.array(found.scalar_subquery(), type_=ARRAY(kind)))


def _orders(sender: User, payee: User) -> Select[UUID]:
    ours = (SendOrder.sender_id == sender.id, SendOrder.payee_id == payee.id)
    latest = select(SendOrder.id).where(*ours).order_by(SendOrder.created_at.desc()).limit(LATEST)
    return select(latest.subquery().c.id)
