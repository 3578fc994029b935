"""Signing in and out, and where it leads."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from batua_db import credentials
from batua_db.database import db, transaction
from batua_db.models.wallet import Guess, Session
from batua_dev.client import FreshClient, fresh_client
from batua_ui.addresses import own_path

from .door import NEW, is_inside
from .helpers import PASSWORD, MakeUser, SignIn, cookie_of, token_of


def ten_minutes_pass() -> None:
    """Let time go by for every session."""
    with transaction():
        earlier = timedelta(minutes=10)
        db.session.execute(
            update(Session).values(
                created_at=Session.created_at - earlier, expires_at=Session.expires_at - earlier
            )
        )


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
        token = token_of(page)
        form = {"csrf_token": token, "phone": make_user().phone, "password": PASSWORD}

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
        token = token_of(page)

        out = user_client.post("/logout", data={"csrf_token": token})

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
        planted = cookie_of(user_client)
        user = make_user()
        user_client.submit("/login", phone=user.phone, password=PASSWORD)
        first = cookie_of(user_client)
        page = user_client.get("/settings")
        token = token_of(page)
        form = {"csrf_token": token, "phone": user.phone, "password": PASSWORD}
        user_client.post("/login", data=form)

        for old in (planted, first):
            thief = fresh_client(user_app)
            thief.set_cookie("batua_user", old)
            assert not is_inside(thief)
        assert is_inside(user_client)

    def test_sessions_end_by_themselves(self, make_user: MakeUser, signed_in: SignIn) -> None:
        client = signed_in(make_user())
        with transaction():
            db.session.execute(update(Session).values(expires_at=func.now()))

        assert not is_inside(client)

    def test_a_session_outlives_its_quarter_of_an_hour_only_for_what_a_person_does(
        self, make_user: MakeUser, signed_in: SignIn
    ) -> None:
        client = signed_in(make_user())

        for path in ("/", "/activity", "/login"):  # the last leads home
            ten_minutes_pass()
            assert client.get(path).status_code in {200, 303}
        assert is_inside(client)
        ten_minutes_pass()
        assert client.get("/live", headers={"HX-Request": "true"}).status_code == 200
        ten_minutes_pass()

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
            select(Guess.failures).where(Guess.subject.startswith("address:127.0.0.1:"))
        ).one()
        assert count == 0

    def test_a_try_that_nobody_had_time_for_is_not_held_against_anybody(
        self, user_client: FreshClient, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user = make_user()
        monkeypatch.setattr(credentials, "PATIENCE", 0.01)
        for _ in range(2):
            credentials.PASSWORDS.acquire()
        try:
            busy = user_client.submit("/login", phone=user.phone, password=PASSWORD)
        finally:
            credentials.PASSWORDS.release(2)

        assert busy.status_code == 503
        assert "Try again in a moment" in busy.text
        assert set(db.session.scalars(select(Guess.failures))) == {0}
        assert user_client.submit("/login", phone=user.phone, password=PASSWORD).status_code == 303

    def test_a_repeated_field_is_refused(
        self, user_client: FreshClient, make_user: MakeUser
    ) -> None:
        page = user_client.get("/login")
        token = token_of(page)
        form = {
            "csrf_token": token,
            "phone": [make_user().phone, NEW],
            "password": PASSWORD,
        }

        assert user_client.post("/login", data=form).status_code == 400

    def test_a_form_from_another_site_is_refused(self, user_client: FreshClient) -> None:
        answer = user_client.post("/login", headers={"Origin": "https://evil.com"})

        assert answer.status_code == 403
