"""What the desk reads of people."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.ledger import Account, Status
from batua_db.models.payments import Merchant
from batua_db.models.people import KycRequest
from batua_db.models.wallet import Session, User
from batua_db.money import Money
from batua_db.passbook import Page
from batua_ui import phones
from batua_user.activity import queries as activity
from batua_user.activity.lines import Line
from batua_user.kyc.queries import latest
from batua_user.limits.queries import Allowance, allowances

MOST = 30
PHONE = re.compile(r"\+?[0-9(][0-9 ().-]{3,}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Found:
    """A person as a search shows them."""

    user: User
    status: Status


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the desk sees them."""

    user: User
    status: Status
    balance: Money
    allowances: Sequence[Allowance]
    kyc: KycRequest | None
    merchant: Merchant | None
    sessions: int
    page: Page[Line]


def search(text: str) -> Sequence[Found]:
    """People by their phone, its last digits, or a part of their name."""
    rows = db.session.execute(
        select(User, Account.status)
        .join(Account, Account.id == User.account_id)
        .where(
            _phone(text) if PHONE.fullmatch(text) else User.name.icontains(text, autoescape=True)
        )
        .order_by(User.name, User.id)
        .limit(MOST)
    )
    return [Found(*row) for row in rows]


def find(person_id: UUID) -> User:
    """A person by their id."""
    found = db.session.get(User, person_id)
    if found is None:
        raise NotFound("There is no such person.")
    return found


def person(person_id: UUID, *, after: int | None = None) -> Person:
    """All about a person, with a page of their lines."""
    user = find(person_id)
    account = db.session.get_one(Account, user.account_id, populate_existing=True)
    alive = (Session.owner_id == user.id, Session.expires_at > func.now())
    return Person(
        user=user,
        status=account.status,
        balance=account.balance,
        allowances=allowances(user, account.balance),
        kyc=latest(user),
        merchant=db.session.scalar(select(Merchant).where(Merchant.user_id == user.id)),
        sessions=db.session.scalars(select(func.count()).where(*alive)).one(),
        page=activity.history(user, after=after, most=10),
    )


def _name(part: str) -> ColumnElement[bool]:
    return User.name.icontains(part, autoescape=True)


def _phone(typed: str) -> ColumnElement[bool]:
    """A whole number is that number; less of it is how it ends."""
    try:
        return User.phone == phones.read(typed)
    except ValueError:
        return User.phone.endswith(re.sub("[^0-9]", "", typed))
