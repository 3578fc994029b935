"""The door of the desk: who gets in, for how long, and who may do what."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from batua_bank import demo
from batua_bank.desk import access
from batua_bank.desk.tables import DESK
from batua_db.database import db, transaction
from batua_db.models.bank import Guess
from batua_db.models.bank_desk import Staff, StaffSession
from batua_db.staffing import hire, let_go
from batua_dev.client import FreshClient, fresh_client
from batua_ui.desk import guard

pytestmark = pytest.mark.usefixtures("banks")

AtDesk = Callable[..., FreshClient]
SECRET = "a lamp on every desk"


def enter(client: FreshClient, username: str, password: str) -> Any:
    return client.submit("/desk/login", username=username, password=password)


def sees_desk(client: FreshClient) -> bool:
    return client.get("/desk").status_code == 200


def is_customer(client: FreshClient) -> bool:
    return client.get("/accounts").status_code == 200


def press(client: FreshClient, csrf: Callable[[str], str], path: str, shown_on: str) -> Any:
    return client.post(path, data={"csrf_token": csrf(client.get(shown_on).text)})


def test_signing_out_ends_every_copy_of_the_cookie(
    bank_app: Flask, at_desk: AtDesk, csrf: Callable[[str], str]
) -> None:
    browser, thief = at_desk(), fresh_client(bank_app)
    stolen = browser.get_cookie("batua_bank")
    assert stolen
    thief.set_cookie("batua_bank", stolen.value)
    assert sees_desk(thief)

    assert press(browser, csrf, "/desk/logout", "/desk").location == "/desk/login"

    assert not sees_desk(browser)
    assert not sees_desk(thief)


def test_one_is_led_on_to_the_page_one_wanted_and_nowhere_else(bank_client: FreshClient) -> None:
    assert bank_client.get("/desk/log?x=1").location == "/desk/login?next=/desk/log?x%3D1"
    for wanted, led in (
        ("/desk/log", "/desk/log"),
        ("//evil.com/desk", "/desk"),
        ("/pay", "/desk"),
    ):
        page = fresh_client(bank_client.application)
        path = f"/desk/login?next={wanted}"
        assert page.submit(path, username="auditor", password="desk-demo-1").location == led


def test_wrong_tries_look_alike_and_cost_growing_time(bank_client: FreshClient) -> None:
    wrong = enter(bank_client, "operator", "something else")
    nobody = enter(bank_client, "nobody-x", "something else")
    assert wrong.status_code == nobody.status_code == 422
    assert len(wrong.data) == len(nobody.data)
    for _ in range(4):
        enter(bank_client, "operator", "something else")

    right = enter(bank_client, "operator", "desk-demo-1")

    assert right.status_code == 429
    assert int(right.headers["Retry-After"]) <= 30
    assert db.session.get_one(Guess, "staff:operator").failures == 5


@pytest.mark.parametrize(
    ("born", "quiet", "alive"),
    [(0, 10, True), (0, 16, False), (11 * 60 + 50, 0, True), (12 * 60 + 5, 0, False)],
)
def test_a_session_ends_when_quiet_and_after_twelve_hours(
    at_desk: AtDesk, born: int, quiet: int, alive: bool
) -> None:
    browser = at_desk()
    past = timedelta(minutes=born + quiet)
    with transaction():
        until = func.least(
            StaffSession.expires_at - timedelta(minutes=quiet),
            StaffSession.created_at - past + timedelta(hours=12),
        )
        values = {"created_at": StaffSession.created_at - past, "expires_at": until}
        db.session.execute(update(StaffSession).values(**values))

    assert sees_desk(browser) == alive


class TestOneBrowserTwoPlaces:
    def test_neither_is_the_other(
        self, customer: Callable[..., FreshClient], at_desk: AtDesk
    ) -> None:
        assert customer().get("/desk").location == "/desk/login?next=/desk"
        assert at_desk().get("/accounts").location == "/login?next=/accounts"

    def test_a_token_of_one_place_is_worth_nothing_in_the_other(
        self, customer: Callable[..., FreshClient], at_desk: AtDesk
    ) -> None:
        person, clerk = customer(), at_desk()
        with person.session_transaction() as cookie:
            cookie["_staff_id"] = cookie.pop("_user_id")
        with clerk.session_transaction() as cookie:
            cookie["_user_id"] = cookie.pop("_staff_id")

        assert not sees_desk(person)
        assert not is_customer(clerk)

    def test_one_may_be_both_and_leave_one(
        self, bank_client: FreshClient, csrf: Callable[[str], str]
    ) -> None:
        bank_client.submit("/login", customer_id="10000001", password=demo.PASSWORD)
        enter(bank_client, "operator", "desk-demo-1")
        assert is_customer(bank_client)
        assert sees_desk(bank_client)

        press(bank_client, csrf, "/desk/logout", "/desk")
        assert is_customer(bank_client)
        assert not sees_desk(bank_client)

        enter(bank_client, "operator", "desk-demo-1")
        press(bank_client, csrf, "/logout", "/accounts")
        assert not is_customer(bank_client)
        assert sees_desk(bank_client)


class TestRoles:
    def test_the_list_names_every_page_of_the_desk_and_no_other(self, bank_app: Flask) -> None:
        there_are = {
            rule.endpoint for rule in bank_app.url_map.iter_rules() if "desk." in rule.endpoint
        }

        assert set(access.MAY) | guard.OPEN == there_are

    def test_a_page_without_a_line_is_nobodys(
        self, at_desk: AtDesk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delitem(access.MAY, "desk.landing.overview")

        assert at_desk("supervisor").get("/desk").status_code == 403

    def test_a_developer_has_the_pages_of_clients_and_the_door(self) -> None:
        theirs = {endpoint for endpoint, roles in access.MAY.items() if "developer" in roles}

        rest = {each for each in theirs if not each.startswith(access.CLIENTS)}
        simulator = {each for each in rest if each.startswith("desk.simulator.")}
        assert rest - simulator == {"desk.auth.logout", "desk.landing.overview"}

    def test_a_developer_sees_what_is_of_their_own_client_only(
        self, bank_app: Flask, staff: Callable[..., Staff]
    ) -> None:
        """Whatever the page: what its address says of the client decides."""
        developer, operator = staff("developer"), staff()
        for endpoint, client, who, found in (
            ("desk.clients.keys", "wallet", developer, True),
            ("desk.clients.keys", "kirana", developer, False),
            ("desk.clients.overview", None, developer, False),
            ("desk.landing.overview", None, developer, True),
            ("desk.clients.keys", "kirana", operator, True),
        ):
            assert is_shown(bank_app, who, endpoint, client) == found, (endpoint, client)


def is_shown(app: Flask, who: Staff, endpoint: str, client: str | None) -> bool:
    from werkzeug.exceptions import NotFound
    from werkzeug.routing import Rule

    with app.test_request_context() as context:
        context.request.url_rule = Rule("/", endpoint=endpoint)
        context.request.view_args = {"client_id": client} if client else {}
        try:
            access.keep_to_own_client(who)
        except NotFound:
            return False
    return True


def test_only_developers_are_of_a_client(bank_client: FreshClient) -> None:
    hire(DESK, "dev.rao", name="Dev Rao", role="developer", client_id="wallet", password=SECRET)
    assert enter(bank_client, "dev.rao", SECRET).status_code == 303
    assert "wallet" in bank_client.get("/desk").text

    let_go(DESK, "dev.rao")

    assert not sees_desk(bank_client)
    assert enter(bank_client, "dev.rao", SECRET).status_code == 422


def test_the_demo_staff_are_made_once(bank_app: Flask) -> None:
    demo.seed()

    found = db.session.execute(select(Staff.username, Staff.role).order_by(Staff.username)).all()
    assert [tuple(each) for each in found] == [
        (role, role) for role in ("auditor", "developer", "operator", "supervisor")
    ]
    for username, _ in found:
        assert enter(fresh_client(bank_app), username, "desk-demo-1").status_code == 303
