"""The PIN, and the browsers that are signed in."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from batua_db import credentials
from batua_db.database import db, transaction
from batua_db.models.wallet import Guess, Session, User
from batua_dev.client import FreshClient, fresh_client
from batua_ui.browsers import name_of

from .door import code_for, register
from .helpers import PASSWORD, MakeUser, SignIn, cookie_of, press

pytestmark = pytest.mark.usefixtures("session")


def choose(browser: FreshClient, path: str = "/settings/pin", **other: str) -> Any:
    typed = {"password": PASSWORD, "pin": "975310", "pin_again": "975310", **other}
    return browser.submit(path, **typed)


@pytest.fixture
def asha(make_user: MakeUser) -> User:
    return make_user(pin=False)


@pytest.fixture
def browser(asha: User, signed_in: SignIn) -> FreshClient:
    return signed_in(asha)


@pytest.fixture
def spent(asha: User) -> User:
    """Someone whose PIN was typed wrong ten times."""
    with transaction():
        db.session.execute(update(User).values(pin_hash=None, pin_set_at=func.now()))
        db.session.add(
            Guess(
                subject=f"pin:{asha.id}",
                failures=10,
                last_at=func.now(),
                blocked_until=func.now(),
            )
        )
    return asha


def test_a_pin_is_chosen_with_the_password(browser: FreshClient, asha: User) -> None:
    answer = choose(browser)

    assert (answer.status_code, answer.location) == (303, "/settings")
    assert credentials.verify_pin(asha.pin_hash, "975310")
    assert asha.pin_set_at
    assert "975310" not in (asha.pin_hash or "")
    assert browser.get("/settings").status_code == 200


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"password": "wrong password"}, "not your password"),
        ({"pin_again": "975311"}, "not the same"),
        ({"pin": "12345", "pin_again": "12345"}, "6 digits"),
        ({"pin": "९७५३१०", "pin_again": "९७५३१०"}, "6 digits"),
    ],
)
def test_what_cannot_be_is_said(
    browser: FreshClient, asha: User, typed: dict[str, str], said: str
) -> None:
    answer = choose(browser, **typed)

    assert answer.status_code == 422
    assert said in answer.text
    assert "975310" not in answer.text
    assert asha.pin_hash is None


def test_wrong_passwords_count_as_they_do_at_the_door(
    browser: FreshClient, asha: User, user_app: Flask
) -> None:
    for _ in range(5):
        assert choose(browser, password="wrong password").status_code == 422

    assert choose(browser).status_code == 429
    stranger = fresh_client(user_app)
    assert stranger.submit("/login", phone=asha.phone, password=PASSWORD).status_code == 429


def test_choosing_a_pin_changes_the_session(browser: FreshClient, user_app: Flask) -> None:
    browser.get("/settings")
    old = cookie_of(browser)
    choose(browser)

    thief = fresh_client(user_app)
    thief.set_cookie("batua_user", old)

    assert thief.get("/settings").status_code == 303
    assert browser.get("/settings").status_code == 200


def test_it_leads_back_but_nowhere_else(browser: FreshClient) -> None:
    assert choose(browser, "/settings/pin?next=/send/x").location == "/send/x"
    assert choose(browser, "/settings/pin?next=//evil.com").location == "/settings"


def test_a_spent_pin_needs_a_code_as_well(
    browser: FreshClient, spent: User, user_client: FreshClient
) -> None:
    assert "no longer works" in browser.get("/settings/pin").text
    assert choose(browser, code="123456").status_code == 422

    assert press(browser, "/settings/pin/code", "/settings/pin").status_code == 303
    code = code_for(user_client, spent.phone)
    wrong = choose(browser, code=f"{(int(code) + 1) % 10**6:06}")
    right = choose(browser, code=code)

    assert wrong.status_code == 422
    assert "not the code" in wrong.text
    assert right.status_code == 303
    assert credentials.verify_pin(spent.pin_hash, "975310")
    counted = select(func.count()).where(Guess.subject == f"pin:{spent.id}")
    assert db.session.scalar(counted) == 0


def test_registering_with_my_number_spends_none_of_my_tries(
    browser: FreshClient, spent: User, user_client: FreshClient
) -> None:
    for _ in range(6):
        register(user_client, phone=spent.phone)
        user_client.submit("/register/verify", code="000000")

    assert press(browser, "/settings/pin/code", "/settings/pin").status_code == 303
    assert choose(browser, code=code_for(user_client, spent.phone)).status_code == 303


def test_nobody_needs_a_code_without_reason(browser: FreshClient, asha: User) -> None:
    answer = press(browser, "/settings/pin/code", "/settings/pin")

    assert answer.status_code == 422
    assert "You need no code" in answer.text


def test_other_browsers_are_signed_out_at_once(
    browser: FreshClient, asha: User, signed_in: SignIn, make_user: MakeUser
) -> None:
    other, stranger = signed_in(asha), signed_in(make_user())
    assert browser.get("/settings").text.count("A browser") == 2

    press(browser, "/settings/sign-out-others", "/settings")

    assert browser.get("/settings").status_code == 200
    assert other.get("/settings").status_code == 303
    assert stranger.get("/settings").status_code == 200
    assert db.session.scalar(select(func.count()).select_from(Session)) == 2


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126 Safari/537.36 Edg/126.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8.0", "A browser"),
        ("<script>", "A browser"),
    ],
)
def test_browsers_have_names(agent: str, name: str) -> None:
    assert name_of(agent) == name
