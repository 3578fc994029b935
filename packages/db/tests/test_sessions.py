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


def let_pass(minutes: int) -> None:
    """Let time go by for every session."""
    spent = text(
        "UPDATE wallet.session SET created_at = created_at - make_interval(mins => :minutes),"
        " expires_at = expires_at - make_interval(mins => :minutes)"
    )
    db.session.execute(spent, {"minutes": minutes})


def does_something(token: str) -> bool:
    """Whether they are let in, and are there again."""
    owner = sessions.owner_of(Session, token)
    if owner:
        sessions.stay(Session, owner)
    return owner is not None


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


def test_a_session_ends_after_a_quarter_of_an_hour_without_its_owner(user: User) -> None:
    token = begin(user)

    let_pass(minutes=14)
    assert sessions.owner_of(Session, token) == user
    let_pass(minutes=2)

    assert sessions.owner_of(Session, token) is None


def test_a_session_lives_while_its_owner_does_something_but_not_over_half_a_day(
    user: User,
) -> None:
    token = begin(user)

    for _ in range(51):  # until 11 h 54 min
        let_pass(minutes=14)
        assert does_something(token)
    let_pass(minutes=5)
    assert does_something(token)
    let_pass(minutes=2)

    assert not does_something(token)


def test_being_there_is_written_down_at_most_once_a_minute(user: User) -> None:
    token = begin(user)
    stale = []

    for passed in (0, 2, 0):
        let_pass(passed)
        owner = sessions.owner_of(Session, token)
        stale.append(owner.session_stale)
        sessions.stay(Session, owner)

    assert stale == [False, True, False]


@pytest.mark.parametrize("token", ["", "x", "\x00", "é"])
def test_nonsense_finds_nothing(token: str) -> None:
    assert sessions.find(Session, token) is None
