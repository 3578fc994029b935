"""A session lives in a row: what ends the row ends every copy of the cookie."""

from uuid import uuid4

import pytest
from sqlalchemy import select, text

from batua_db import ledger, sessions
from batua_db.database import db
from batua_db.models.wallet import Session, User

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def user(session: None) -> User:
    account = ledger.open_account("wallet", "person", owner=uuid4())
    user = User(account_id=account, name="Asha", phone="+919800000001", password_hash="x")
    db.session.add(user)
    db.session.flush()
    return user


def begin(user: User) -> str:
    return sessions.begin(Session, user.id, agent="Firefox" * 100, address="127.0.0.1")


def test_a_token_finds_its_session_and_owner(user: User) -> None:
    found = sessions.find(Session, begin(user))

    assert found is not None
    assert found.owner == user


def test_the_token_itself_is_not_stored(user: User) -> None:
    token = begin(user)

    row = db.session.execute(select(Session.__table__)).one()

    assert token not in str(row)
    assert token.encode() not in row.token_hash


def test_an_ended_session_is_not_found(user: User) -> None:
    token, other = begin(user), begin(user)

    sessions.end(Session, token)

    assert sessions.find(Session, token) is None
    assert sessions.find(Session, other) is not None


def test_all_but_one_can_be_ended(user: User) -> None:
    token, other = begin(user), begin(user)

    sessions.end_others(Session, user.id, keep=token)

    assert sessions.find(Session, token) is not None
    assert sessions.find(Session, other) is None


def test_a_session_ends_by_itself(user: User) -> None:
    token = begin(user)
    db.session.execute(text("UPDATE wallet.session SET expires_at = now()"))

    assert sessions.find(Session, token) is None


@pytest.mark.parametrize("token", ["", "x", "\x00", "é"])
def test_nonsense_finds_nothing(token: str) -> None:
    assert sessions.find(Session, token) is None
