"""A phone is proved with a code, and then there is a wallet."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from batua_db import guesses, ledger
from batua_db.database import db, transaction
from batua_db.models.ledger import Account
from batua_db.models.wallet import Code, Guess, Message, Registration, User
from batua_db.money import Money
from batua_dev.client import FreshClient, fresh_client

from .door import NEW, code_for, is_inside, messages, other_than, register, users
from .helpers import PASSWORD, cookie_of, token_of


@pytest.mark.usefixtures("session")
class TestRegister:
    def test_a_code_opens_a_wallet(self, user_client: FreshClient) -> None:
        asked = register(user_client)
        opened = user_client.submit("/register/verify", code=code_for(user_client))

        assert (asked.status_code, asked.location) == (303, "/register/verify")
        assert (opened.status_code, opened.location) == (303, "/")
        assert 'data-balance="0"' in user_client.get("/").text
        user = db.session.scalars(select(User).where(User.phone == NEW)).one()
        account = db.session.get_one(Account, user.account_id)
        assert (account.book, account.kind, account.owner) == ("wallet", "person", user.id)
        assert (account.floor, user.tier, user.name) == (Money(0), "small", "Lakshmi Iyer")

    def test_the_mailbox_shows_what_was_sent_newest_first(self, user_client: FreshClient) -> None:
        register(user_client)
        register(user_client)

        sent = messages(user_client)

        assert len(sent) == 2
        assert sent[0]["at"] > sent[1]["at"]
        assert re.fullmatch("[0-9]{6}", sent[0]["code"])
        assert sent[0]["code"] in sent[0]["text"]
        assert user_client.get(f"/dev/messages?to={NEW}&format=json").json == sent
        assert user_client.get("/dev/messages").status_code == 200

    def test_a_wrong_code_opens_nothing_and_five_spend_it(self, user_client: FreshClient) -> None:
        register(user_client)
        code = code_for(user_client)

        for left in ("4 tries left", "3 tries left", "2 tries left", "1 try left", "spent now"):
            answer = user_client.submit("/register/verify", code=other_than(code))
            assert answer.status_code == 422
            assert left in answer.text
        with transaction():
            db.session.execute(update(Guess).values(blocked_until=func.now()))

        answer = user_client.submit("/register/verify", code=code)
        assert answer.status_code == 422
        assert "no longer good" in answer.text
        assert users() == 0

    def test_wrong_codes_are_counted_for_the_phone_over_all_codes(
        self, user_client: FreshClient, user_app: Flask
    ) -> None:
        for _ in range(5):
            register(user_client)
            user_client.submit("/register/verify", code=other_than(code_for(user_client)))

        answer = user_client.submit("/register/verify", code=code_for(user_client))

        assert answer.status_code == 429
        assert "Wait 30 seconds" in answer.text
        assert answer.headers["Retry-After"]

    def test_an_old_code_opens_nothing(self, user_client: FreshClient) -> None:
        register(user_client)
        with transaction():
            db.session.execute(update(Code).values(expires_at=func.now()))

        answer = user_client.submit("/register/verify", code=code_for(user_client))

        assert answer.status_code == 422
        assert users() == 0

    def test_a_code_is_good_once(self, user_client: FreshClient, user_app: Flask) -> None:
        register(user_client)
        cookie = cookie_of(user_client)
        code = code_for(user_client)
        user_client.submit("/register/verify", code=code)
        thief = fresh_client(user_app)
        thief.set_cookie("batua_user", cookie)

        answer = thief.submit("/register/verify", code=code)

        assert answer.status_code == 422
        assert not is_inside(thief)

    def test_a_code_is_good_for_its_own_registration_only(self, user_app: Flask) -> None:
        mine, theirs = fresh_client(user_app), fresh_client(user_app)
        register(mine)
        register(theirs, "+919845054321")

        answer = theirs.submit("/register/verify", code=code_for(mine))

        assert answer.status_code == 422

    def test_another_code_is_sent_after_a_while(self, user_client: FreshClient) -> None:
        register(user_client)
        first = code_for(user_client)

        assert user_client.submit("/register/verify", code="").status_code == 422
        page = user_client.get("/register/verify")
        token = token_of(page)
        form = {"csrf_token": token}
        assert user_client.post("/register/code", data=form).status_code == 429
        long_ago = Code.created_at - timedelta(seconds=31)
        with transaction():
            db.session.execute(update(Code).values(created_at=long_ago))
        assert user_client.post("/register/code", data=form).status_code == 303

        assert user_client.submit("/register/verify", code=first).status_code == 422
        second = user_client.submit("/register/verify", code=code_for(user_client))
        assert second.status_code == 303

    def test_one_number_gets_five_an_hour(self, user_client: FreshClient) -> None:
        for _ in range(7):
            assert register(user_client).status_code == 303

        assert len(messages(user_client)) == 5
        assert "No code is on its way" in user_client.get("/register/verify").text

    def test_without_a_registration_there_is_nothing_to_verify(
        self, user_client: FreshClient
    ) -> None:
        answer = user_client.get("/register/verify")

        assert (answer.status_code, answer.location) == (303, "/register")

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"phone": "12345"}, "An Indian mobile number has 10 digits"),
            ({"phone": "+919876500001;ext=5"}, "Type the number in digits only"),
            ({"phone": "९८७६५०००००१"}, "Type the number in digits only"),
            ({"phone": "\u202e9876500001"}, "Type the number in digits only"),
            ({"name": "\u200b\u202e"}, "Type your name"),
            ({"name": "x" * 65}, "64 characters"),
            ({"password": "short"}, "at least 10 characters"),
            ({"password": "x" * 129}, "at most 128 characters"),
        ],
    )
    def test_what_cannot_be_is_said_beside_its_field(
        self, user_client: FreshClient, typed: dict[str, str], said: str
    ) -> None:
        good = {"name": "Lakshmi Iyer", "phone": NEW, "password": PASSWORD}

        answer = user_client.submit("/register", **{**good, **typed})

        assert answer.status_code == 422
        assert said in answer.text
        assert db.session.scalar(select(func.count()).select_from(Registration)) == 0

    def test_production_without_a_provider_says_so(
        self, user_client: FreshClient, user_app: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings = user_app.extensions["batua_settings"]
        production = settings.model_copy(update={"APP_ENV": "production"})
        monkeypatch.setitem(user_app.extensions, "batua_settings", production)

        answer = register(user_client)

        assert answer.status_code == 503
        assert "SMS" in answer.text
        assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def test_a_registration_that_is_not_there_is_gone(user_client: FreshClient) -> None:
    with user_client.session_transaction() as cookie:
        cookie["registration"] = str(uuid4())

    assert user_client.get("/register/verify").location == "/register"


@pytest.mark.usefixtures("session")
def test_an_account_is_never_left_without_its_person(
    user_client: FreshClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """User, account and session are one transaction: whatever breaks, all or nothing."""
    register(user_client)
    code = code_for(user_client)

    def broken(*_: Any, **__: Any) -> UUID:
        db.session.execute(text("SELECT 1 / 0"))
        raise AssertionError

    monkeypatch.setattr(ledger, "open_account", broken)
    user_client.application.testing = False
    try:
        assert user_client.submit("/register/verify", code=code).status_code == 500
    finally:
        user_client.application.testing = True
    monkeypatch.undo()
    assert users() == 0


@pytest.mark.usefixtures("session")
def test_a_flood_from_one_address_slows_it_down_until_the_hour_is_over(
    user_client: FreshClient,
) -> None:
    now, tomorrow = func.clock_timestamp(), func.clock_timestamp() + timedelta(days=1)
    flood = {"failures": 500, "last_at": now, "blocked_until": tomorrow}
    this_hour = guesses.this_hour("register:127.0.0.1")
    with transaction():
        db.session.add(Guess(subject=f"{this_hour[:-2]}99", **flood))
    assert register(user_client).status_code == 303

    with transaction():
        db.session.execute(update(Guess).where(Guess.subject == this_hour).values(flood))

    assert register(user_client, "+919845054321").status_code == 429
