"""The door of the desk: who gets in, for how long, and who may do what."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from batua_db.database import db, transaction
from batua_db.models.desk import Staff, StaffSession
from batua_db.models.wallet import Guess, User
from batua_dev.client import FreshClient, fresh_client
from batua_ui.desk import guard
from batua_user import demo
from batua_user.desk import access

from .desk import AtDesk, enter
from .door import is_inside
from .helpers import PASSWORD, SignIn, cookie_of, press, token_of, wait_is_over

pytestmark = pytest.mark.usefixtures("session")
A_MOMENT = timedelta(minutes=2)


def sees_desk(client: FreshClient) -> bool:
    return client.get("/desk").status_code == 200


def sessions_left() -> int:
    db.session.commit()
    return db.session.scalars(select(func.count()).select_from(StaffSession)).one()


def test_staff_sign_in_and_out(user_client: FreshClient, operator: Staff) -> None:
    answer = enter(user_client, operator.username)

    assert (answer.status_code, answer.location) == (303, "/desk")
    assert "Kiran Desai" in user_client.get("/desk").text
    stolen = cookie_of(user_client)
    assert press(user_client, "/desk/logout", "/desk").location == "/desk/login"
    assert not sees_desk(user_client)
    user_client.set_cookie("batua_user", stolen)
    assert not sees_desk(user_client)
    assert sessions_left() == 0


def test_one_is_led_on_to_the_page_one_wanted(user_client: FreshClient, operator: Staff) -> None:
    asked = user_client.get("/desk?x=1")
    assert asked.location == "/desk/login?next=/desk?x%3D1"

    form = user_client.get(asked.location)
    data = {"username": operator.username, "password": "a lamp on every desk"}
    sent = user_client.post(
        "/desk/login", data={**data, "next": "/desk?x=1", "csrf_token": token_of(form)}
    )

    assert sent.location == "/desk?x=1"


@pytest.mark.parametrize("wanted", ["//evil.com/desk", "https://evil.com", "/desk\\evil", "/send"])
def test_nobody_is_led_elsewhere(user_client: FreshClient, operator: Staff, wanted: str) -> None:
    form = user_client.get("/desk/login", query_string={"next": wanted})
    data = {"username": operator.username, "password": "a lamp on every desk", "next": wanted}

    sent = user_client.post("/desk/login", data={**data, "csrf_token": token_of(form)})

    assert sent.location == "/desk"


def test_a_wrong_password_and_an_unknown_name_look_alike(
    user_client: FreshClient, operator: Staff
) -> None:
    wrong = enter(user_client, operator.username, "something else")
    nobody = enter(user_client, "operator-00000", "something else")

    assert wrong.status_code == nobody.status_code == 422
    assert len(wrong.data) == len(nobody.data)
    assert not sees_desk(user_client)


def test_wrong_tries_cost_growing_time_whoever_asks(
    user_client: FreshClient, operator: Staff
) -> None:
    for _ in range(5):
        assert enter(user_client, operator.username, "wrong").status_code == 422

    right = enter(user_client, operator.username)

    assert right.status_code == 429
    assert int(right.headers["Retry-After"]) <= 30
    guess = db.session.get_one(Guess, f"staff:{operator.username}")
    assert guess.failures == 5
    wait_is_over()
    assert enter(user_client, operator.username).status_code == 303
    assert db.session.get(Guess, f"staff:{operator.username}") is None


def test_a_quiet_quarter_of_an_hour_ends_it(at_desk: AtDesk, operator: Staff) -> None:
    browser = at_desk(operator)
    assert sees_desk(browser)
    left = _ends_in()
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)

    _age(timedelta(minutes=10))
    assert sees_desk(browser)
    assert _ends_in() > timedelta(minutes=14)
    _age(timedelta(minutes=16))

    assert not sees_desk(browser)


def test_a_day_of_work_ends_however_busy_it_is(at_desk: AtDesk, operator: Staff) -> None:
    browser = at_desk(operator)
    assert sees_desk(browser)
    with transaction():
        now = func.clock_timestamp()
        late = {"created_at": now - timedelta(hours=11, minutes=55), "expires_at": now + A_MOMENT}
        db.session.execute(update(StaffSession).values(**late))

    assert sees_desk(browser)
    assert A_MOMENT < _ends_in() <= timedelta(minutes=5)
    _age(timedelta(minutes=6))
    assert not sees_desk(browser)


def _ends_in() -> timedelta:
    db.session.commit()
    return db.session.scalars(select(StaffSession.expires_at)).one() - datetime.now(UTC)


def _age(by: timedelta) -> None:
    """Let time pass."""
    earlier = {
        "created_at": StaffSession.created_at - by,
        "expires_at": StaffSession.expires_at - by,
    }
    with transaction():
        db.session.execute(update(StaffSession).values(**earlier))


class TestOneBrowserTwoPlaces:
    def test_a_person_is_a_stranger_here(self, browser: FreshClient) -> None:
        answer = browser.get("/desk")

        assert answer.location == "/desk/login?next=/desk"

    def test_staff_are_strangers_to_the_wallet(self, at_desk: AtDesk, operator: Staff) -> None:
        assert at_desk(operator).get("/activity").location == "/login?next=/activity"

    def test_a_token_of_one_place_is_worth_nothing_in_the_other(
        self, at_desk: AtDesk, signed_in: SignIn, operator: Staff, asha: User
    ) -> None:
        staff, person = at_desk(operator), signed_in(asha)
        with staff.session_transaction() as cookie:
            cookie["_user_id"] = cookie.pop("_staff_id")
        with person.session_transaction() as cookie:
            cookie["_staff_id"] = cookie.pop("_user_id")

        assert not is_inside(staff)
        assert not sees_desk(person)

    def test_one_may_be_both_and_leave_one(
        self, user_client: FreshClient, operator: Staff, asha: User
    ) -> None:
        user_client.submit("/login", phone=asha.phone, password=PASSWORD)
        enter(user_client, operator.username)
        assert is_inside(user_client)
        assert sees_desk(user_client)

        press(user_client, "/desk/logout", "/desk")
        assert is_inside(user_client)
        assert not sees_desk(user_client)

        enter(user_client, operator.username)
        press(user_client, "/logout", "/settings")
        assert not is_inside(user_client)
        assert sees_desk(user_client)

    @pytest.mark.parametrize("desk", [True, False])
    def test_signing_in_takes_along_nothing_from_before(
        self, user_client: FreshClient, operator: Staff, asha: User, desk: bool
    ) -> None:
        """A form token that somebody planted, or knows, is good no more."""
        before = token_of(user_client.get("/login"))
        with user_client.session_transaction() as cookie:
            cookie["registration"] = str(asha.id)
            raw = cookie["csrf_token"]

        if desk:
            enter(user_client, operator.username)
        else:
            user_client.submit("/login", phone=asha.phone, password=PASSWORD)

        with user_client.session_transaction() as cookie:
            assert "registration" not in cookie
            assert cookie.get("csrf_token") != raw
        path = "/desk/logout" if desk else "/logout"
        assert user_client.post(path, data={"csrf_token": before}).status_code == 400

    def test_signing_in_ends_the_session_before(
        self, user_client: FreshClient, operator: Staff, supervisor: Staff
    ) -> None:
        enter(user_client, operator.username)
        old = cookie_of(user_client)
        enter_again = user_client.post(
            "/desk/login",
            data={
                "username": supervisor.username,
                "password": "a lamp on every desk",
                "csrf_token": token_of(user_client.get("/desk")),
            },
        )

        assert enter_again.status_code == 303
        assert "Latha Menon" in user_client.get("/desk").text
        user_client.set_cookie("batua_user", old)
        assert not sees_desk(user_client)


class TestRoles:
    def test_the_list_names_every_page_of_the_desk_and_no_other(self, user_app: Flask) -> None:
        there_are = {
            rule.endpoint for rule in user_app.url_map.iter_rules() if "desk." in rule.endpoint
        }

        assert set(access.MAY) | guard.OPEN == there_are

    def test_a_page_without_a_line_is_nobodys(
        self, at_desk: AtDesk, supervisor: Staff, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delitem(access.MAY, "desk.landing.overview")

        answer = at_desk(supervisor).get("/desk")

        assert answer.status_code == 403
        assert "Your role does not do this" in answer.text


def test_the_demo_staff_are_made_once(user_app: Flask) -> None:
    demo.seed()
    demo.seed()

    found = db.session.execute(select(Staff.username, Staff.role).order_by(Staff.username)).all()
    assert [tuple(each) for each in found] == [
        ("auditor", "auditor"), ("operator", "operator"), ("supervisor", "supervisor"),
    ]  # fmt: skip
    for username, _ in found:
        client = fresh_client(user_app)
        assert enter(client, username, "desk-demo-1").status_code == 303
