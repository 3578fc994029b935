"""What nobody needs is forgotten; what somebody may need is not."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from batua_db import pruning
from batua_db.database import Base, db, transaction
from batua_db.models.wallet import (
    Code,
    Guess,
    Lookup,
    Message,
    Registration,
    SendOrder,
    Session,
    Topup,
    User,
)
from batua_dev.client import FreshClient
from batua_user.pruning import prune

from .door import code_for, is_inside, register
from .helpers import MakeTopup, prepare

pytestmark = pytest.mark.usefixtures("session")


def ago(**span: int) -> datetime:
    return datetime.now(UTC) - timedelta(**span)


def left(model: type[Base]) -> int:
    return db.session.scalars(select(func.count()).select_from(model)).one()


def rows(user: User, at: datetime) -> list[Base]:
    """One of each of what has its time, as of ``at``."""
    return [
        Session(token_hash=uuid4().bytes, owner_id=user.id, agent="", address="", expires_at=at),
        Guess(subject=f"address:{at}", failures=300, last_at=at, blocked_until=at),
        Code(purpose="pin", subject=user.id, code_hash=b"", expires_at=at),
        Registration(name="A", phone="+919845012345", password_hash="", created_at=at),
        Lookup(user_id=user.id, created_at=at),
        Message(to="+919845012345", text="", created_at=at),
    ]


def test_what_has_had_its_time_is_deleted(asha: User) -> None:
    old = rows(asha, ago(days=31))
    with transaction():
        db.session.add_all(old)

    assert prune() == len(old)
    assert prune() == 0
    assert [left(type(each)) for each in old] == [0] * len(old)


def test_what_may_still_count_is_kept(asha: User) -> None:
    young = rows(asha, ago(hours=23))[1:]
    waiting = Guess(subject="a", failures=9, last_at=ago(hours=25), blocked_until=ago(hours=-1))
    with transaction():
        db.session.add_all([*young, waiting])

    assert prune() == 0


def test_people_notice_nothing(
    browser: FreshClient, user_client: FreshClient, rich: User, ravi: User, make_topup: MakeTopup
) -> None:
    where = prepare(browser, ravi)
    make_topup(rich)
    register(user_client)

    prune()

    assert browser.submit(where, pin="246810").status_code == 303
    assert user_client.submit("/register/verify", code=code_for(user_client)).status_code == 303
    assert is_inside(browser)
    assert (left(SendOrder), left(Topup)) == (1, 1)


def test_a_flood_is_deleted_batch_after_batch(asha: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "AT_ONCE", 3)
    monkeypatch.setattr(pruning, "BATCHES", 2)
    with transaction():
        db.session.add_all(Lookup(user_id=asha.id, created_at=ago(days=2)) for _ in range(7))

    assert prune() == 6
    assert prune() == 1
