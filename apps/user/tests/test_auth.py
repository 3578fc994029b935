"""Getting in: codes, passwords, sessions, and what a stranger can learn."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from werkzeug.test import TestResponse

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.ledger import Account
from batua_db.models.wallet import Code, Guess, Message, Registration, Session, User
from batua_db.money import Money
from batua_dev.client import FreshClient, fresh_client
from batua_user.auth.addresses import own_path

PASSWORD = "a quiet river at noon"
NEW = "+919845012345"
MakeUser = Callable[..., User]
SignIn = Callable[[User], FreshClient]


def register(client: FreshClient, phone: str = NEW, name: str = "Lakshmi Iyer") -> TestResponse:
    return client.submit("/register", name=name, phone=phone, password=PASSWORD)


def messages(client: FreshClient, phone: str = NEW) -> list[dict[str, Any]]:
    return client.get("/dev/messages", query_string={"to": phone, "format": "json"}).json


def code_for(client: FreshClient, phone: str = NEW) -> str:
    return messages(client, phone)[0]["code"]


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def users(phone: str = NEW) -> int:
    db.session.commit()
    return db.session.scalars(select(func.count()).where(User.phone == phone)).one()


def is_inside(client: FreshClient) -> bool:
    return client.get("/activity").status_code == 200


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
        cookie = user_client.get_cookie("batua_user")
        assert cookie
        code = code_for(user_client)
        user_client.submit("/register/verify", code=code)
        thief = fresh_client(user_app)
        thief.set_cookie("batua_user", cookie.value)

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
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert token
        form = {"csrf_token": token[1]}
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


@pytest.mark.usefixtures("session")
class TestStrangersLearnNothing:
    def strip(self, page: str) -> str:
        """What differs between any two pages: tokens, and the number that was typed."""
        page = re.sub(r'value="[^"]*"', 'value=""', page)
        return re.sub(r"\+91[ 0-9]+", "", page)

    def test_registering_a_known_number_looks_the_same(
        self, user_app: Flask, make_user: MakeUser
    ) -> None:
        known, unknown = make_user().phone, "+919845054321"
        pages = []
        for phone in (known, unknown):
            client = fresh_client(user_app)
            asked = register(client, phone)
            shown = client.get(asked.location)
            wrong = client.submit("/register/verify", code="123123")
            pages.append(
                (asked.status_code, asked.location, asked.text)
                + tuple((page.status_code, self.strip(page.text)) for page in (shown, wrong))
            )

        assert pages[0] == pages[1]

    def test_the_owner_of_a_known_number_is_told_and_no_code_works(
        self, user_client: FreshClient, make_user: MakeUser
    ) -> None:
        phone = make_user().phone
        register(user_client, phone)

        message = messages(user_client, phone)[0]

        assert message["code"] is None
        assert "sign in instead" in message["text"]
        assert not re.search("[0-9]{6}", message["text"])
        assert users(phone) == 1

    def test_signing_in_with_an_unknown_number_looks_the_same(
        self, user_client: FreshClient, make_user: MakeUser
    ) -> None:
        pages = [
            user_client.submit("/login", phone=phone, password="wrong password")
            for phone in (make_user().phone, "+919845054321")
        ]

        assert pages[0].status_code == pages[1].status_code == 422
        assert self.strip(pages[0].text) == self.strip(pages[1].text)
        assert len(pages[0].data) == len(pages[1].data)

    def test_unknown_numbers_wait_like_known_ones(
        self, user_client: FreshClient, make_user: MakeUser
    ) -> None:
        for phone in (make_user().phone, "+919845054321"):
            tries = [
                user_client.submit("/login", phone=phone, password="wrong password").status_code
                for _ in range(7)
            ]
            assert tries == [422] * 5 + [429] * 2


@pytest.mark.usefixtures("session")
class TestSignIn:
    def test_number_and_password_let_in(
        self, user_client: FreshClient, make_user: MakeUser
    ) -> None:
        user = make_user()
        answer = user_client.submit("/login", phone=user.phone[3:], password=PASSWORD)

        assert (answer.status_code, answer.location) == (303, "/")
        assert is_inside(user_client)

    def test_it_leads_to_where_they_were_going(
        self, user_client: FreshClient, make_user: MakeUser
    ) -> None:
        turned_away = user_client.get("/activity?after=5")
        answer = user_client.submit(
            turned_away.location, phone=make_user().phone, password=PASSWORD
        )

        assert answer.location == "/activity?after=5"

    @pytest.mark.parametrize(
        "elsewhere",
        [
            "//evil.com",
            "/\t/evil.com",
            "/\\evil.com",
            "\\\\evil.com",
            "https://evil.com",
            "javascript:alert(1)",
            "/ /evil.com",
            "/\n/evil.com",
            "evil.com",
            "",
            "/send\r\nSet-Cookie: a=b",
            "/ü",
            "///evil.com",
            "\t//evil.com",
        ],
    )
    def test_it_leads_nowhere_else(
        self, user_client: FreshClient, make_user: MakeUser, elsewhere: str
    ) -> None:
        page = user_client.get("/login", query_string={"next": elsewhere})
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert token
        form = {"csrf_token": token[1], "phone": make_user().phone, "password": PASSWORD}

        answer = user_client.post("/login", data={**form, "next": elsewhere})

        assert (answer.status_code, answer.location) == (303, "/")

    @pytest.mark.parametrize("path", ["/", "/send", "/activity?after=5&x=%2F%2Fevil", "/a//b"])
    def test_own_paths_are_known(self, path: str) -> None:
        assert own_path(path) == path

    def test_whoever_is_inside_need_not_sign_in(
        self, make_user: MakeUser, signed_in: SignIn
    ) -> None:
        client = signed_in(make_user())

        assert client.get("/login").location == "/"
        assert client.get("/register").location == "/"

    def test_signing_out_ends_every_copy_of_the_cookie(
        self, user_client: FreshClient, make_user: MakeUser, user_app: Flask
    ) -> None:
        user_client.submit("/login", phone=make_user().phone, password=PASSWORD)
        cookie = user_client.get_cookie("batua_user")
        assert cookie
        assert cookie.http_only
        assert cookie.same_site == "Lax"
        copy = fresh_client(user_app)
        copy.set_cookie("batua_user", cookie.value)
        assert is_inside(copy)
        page = user_client.get("/settings")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert token

        out = user_client.post("/logout", data={"csrf_token": token[1]})

        assert (out.status_code, out.location) == (303, "/login")
        assert not is_inside(user_client)
        assert not is_inside(copy)
        assert db.session.scalar(select(func.count()).select_from(Session)) == 0

    def test_signing_out_needs_the_form(self, make_user: MakeUser, signed_in: SignIn) -> None:
        client = signed_in(make_user())

        assert client.post("/logout").status_code == 400
        assert client.get("/logout").status_code == 405
        assert is_inside(client)

    def test_a_session_from_before_is_worth_nothing_after_signing_in(
        self, user_client: FreshClient, make_user: MakeUser, user_app: Flask
    ) -> None:
        """Neither a planted cookie nor the one from the sign-in before lives on."""
        user_client.get("/login")
        planted = user_client.get_cookie("batua_user")
        user = make_user()
        user_client.submit("/login", phone=user.phone, password=PASSWORD)
        first = user_client.get_cookie("batua_user")
        assert planted
        assert first
        page = user_client.get("/settings")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert token
        form = {"csrf_token": token[1], "phone": user.phone, "password": PASSWORD}
        user_client.post("/login", data=form)

        for old in (planted, first):
            thief = fresh_client(user_app)
            thief.set_cookie("batua_user", old.value)
            assert not is_inside(thief)
        assert is_inside(user_client)

    def test_sessions_end_by_themselves(self, make_user: MakeUser, signed_in: SignIn) -> None:
        client = signed_in(make_user())
        with transaction():
            db.session.execute(update(Session).values(expires_at=func.now()))

        assert not is_inside(client)

    def test_guesses_outlive_a_right_one_of_somebody_else(
        self, user_client: FreshClient, make_user: MakeUser
    ) -> None:
        victim, thief = make_user(), make_user()
        for _ in range(5):
            user_client.submit("/login", phone=victim.phone, password="wrong password")
        user_client.submit("/login", phone=thief.phone, password=PASSWORD)

        fresh = fresh_client(user_client.application)
        answer = fresh.submit("/login", phone=victim.phone, password=PASSWORD)

        assert answer.status_code == 429

    def test_signing_in_rightly_is_not_held_against_an_address(
        self, user_client: FreshClient, make_user: MakeUser
    ) -> None:
        user = make_user()
        for _ in range(3):
            fresh_client(user_client.application).submit(
                "/login", phone=user.phone, password=PASSWORD
            )

        count = db.session.scalars(
            select(Guess.failures).where(Guess.subject == "address:127.0.0.1")
        ).one()
        assert count == 0

    def test_a_repeated_field_is_refused(
        self, user_client: FreshClient, make_user: MakeUser
    ) -> None:
        page = user_client.get("/login")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert token
        form = {
            "csrf_token": token[1],
            "phone": [make_user().phone, NEW],
            "password": PASSWORD,
        }

        assert user_client.post("/login", data=form).status_code == 400

    def test_a_form_from_another_site_is_refused(self, user_client: FreshClient) -> None:
        answer = user_client.post("/login", headers={"Origin": "https://evil.com"})

        assert answer.status_code == 403


@pytest.mark.commits
class TestAtOnce:
    @pytest.mark.usefixtures("committed")
    def test_two_registrations_of_one_phone_make_one_wallet(self, user_app: Flask) -> None:
        people = [fresh_client(user_app) for _ in range(4)]
        codes = []
        for person in people:
            register(person)
            codes.append(code_for(person))
        forms = []
        for person in people:
            page = person.get("/register/verify")
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
            assert token
            forms.append(token[1])

        def verify(n: int) -> TestResponse:
            data = {"csrf_token": forms[n], "code": codes[n]}
            return people[n].post("/register/verify", data=data)

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(verify, range(4)))

        assert {answer.status_code for answer in answers} == {303}
        assert sorted(answer.location for answer in answers) == ["/", "/login", "/login", "/login"]
        assert users() == 1
        people_accounts = select(func.count()).where(Account.kind == "person")
        assert db.session.scalars(people_accounts).one() == 1
        assert db.session.scalars(select(func.count()).select_from(Session)).one() == 1

    @pytest.mark.usefixtures("committed")
    def test_one_code_from_many_browsers_opens_once(self, user_app: Flask) -> None:
        first = fresh_client(user_app)
        register(first)
        cookie = first.get_cookie("batua_user")
        page = first.get("/register/verify")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert cookie
        assert token
        data = {"csrf_token": token[1], "code": code_for(first)}

        def verify(_: int) -> int:
            person = fresh_client(user_app)
            person.set_cookie("batua_user", cookie.value)
            return person.post("/register/verify", data=data).status_code

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(verify, range(4)))

        assert answers.count(303) >= 1
        assert users() == 1

    @pytest.mark.usefixtures("committed")
    def test_wrong_passwords_at_once_are_no_more_than_five(
        self, user_app: Flask, make_user: MakeUser
    ) -> None:
        phone = make_user().phone
        client = fresh_client(user_app)
        page = client.get("/login")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        cookie = client.get_cookie("batua_user")
        assert token
        assert cookie
        data = {"csrf_token": token[1], "phone": phone, "password": "wrong password"}

        def guess(_: int) -> int:
            thief = fresh_client(user_app)
            thief.set_cookie("batua_user", cookie.value)
            return thief.post("/login", data=data).status_code

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(guess, range(24)))

        assert answers.count(422) == 5
        assert answers.count(429) == 19


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
