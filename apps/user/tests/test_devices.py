"""Devices: known by a cookie, told of when they are new, and trusted with less for a day."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update
from werkzeug.test import TestResponse

from batua_db.database import db, transaction
from batua_db.models.payments import BillPayment
from batua_db.models.people import Device, Notice, Payee, Usage
from batua_db.models.wallet import Message, User
from batua_db.money import Money
from batua_db.sessions import hash_token
from batua_dev.client import FreshClient, fresh_client
from batua_user.billers import demo as billers
from batua_user.limits.queries import room_on_device
from batua_user.settings.service import sign_out_others

from .door import NEW, code_for, is_inside, register
from .helpers import DEVICE, PASSWORD, PIN, Balance, MakeUser, SignIn, cookie_of, prepare, token_of
from .leaving import linked, withdraw


def sign_in(browser: FreshClient, user: User) -> FreshClient:
    answer = browser.submit("/login", phone=user.phone, password=PASSWORD)
    assert answer.status_code == 303
    return browser


def devices(user: User) -> list[bytes]:
    db.session.commit()
    return list(db.session.scalars(select(Device.token_hash).where(Device.user_id == user.id)))


def told(user: User) -> list[str]:
    db.session.commit()
    mine = select(Notice.title).where(Notice.user_id == user.id)
    return list(db.session.scalars(mine.order_by(Notice.created_at)))


def carried(browser: FreshClient) -> str:
    cookie = browser.get_cookie(DEVICE)
    assert cookie
    return cookie.value


def a_day_later() -> None:
    with transaction():
        earlier = Device.created_at - timedelta(hours=24)
        db.session.execute(update(Device).values(created_at=earlier))


def know(user: User, payee: User) -> None:
    """Let a payee be one that much may be sent to."""
    with transaction():
        days_ago = func.now() - timedelta(days=3)
        db.session.add(Payee(user_id=user.id, payee_id=payee.id, registered_at=days_ago))


def send(browser: FreshClient, to: User, amount: str) -> TestResponse:
    return browser.submit(prepare(browser, to, amount), pin=PIN)


@pytest.mark.usefixtures("session")
class TestKnowing:
    def test_a_browser_is_known_from_the_first_sign_in_on(
        self, user_client: FreshClient, make_user: MakeUser
    ) -> None:
        user = make_user()
        sign_in(user_client, user)
        cookie = user_client.get_cookie(DEVICE)
        assert cookie
        assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Lax", "/")
        assert cookie.max_age == 400 * 24 * 3600
        user_client.post("/logout", data={"csrf_token": token_of(user_client.get("/settings"))})
        assert not is_inside(user_client)

        sign_in(user_client, user)

        assert devices(user) == [hash_token(cookie.value)]
        assert carried(user_client) == cookie.value
        assert told(user) == ["Signed in on a new device"]

    def test_under_https_nobody_plants_it(
        self, user_client: FreshClient, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        user, page = make_user(), user_client.get("/login")
        form = {"csrf_token": token_of(page), "phone": user.phone, "password": PASSWORD}
        config = user_client.application.config
        monkeypatch.setitem(config, "SESSION_COOKIE_SECURE", True)
        monkeypatch.setitem(config, "SESSION_COOKIE_NAME", "__Host-batua_user")
        monkeypatch.setitem(config, "WTF_CSRF_ENABLED", False)

        answer = user_client.post("/login", data=form)

        (line,) = (line for line in answer.headers.getlist("Set-Cookie") if "_device=" in line)
        assert line.startswith("__Host-batua_user_device=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(line.split("; "))
        assert "Domain" not in line

    @pytest.mark.parametrize("planted", ["", "x", "short-and-known", "a" * 44, "ü" * 43])
    def test_what_is_no_token_of_ours_is_not_taken(
        self, user_client: FreshClient, make_user: MakeUser, planted: str
    ) -> None:
        user = make_user()
        user_client.set_cookie(DEVICE, planted)

        sign_in(user_client, user)

        assert len(carried(user_client)) == 43
        assert devices(user) == [hash_token(carried(user_client))]

    def test_a_browser_that_two_share_is_new_to_each_once(
        self, user_client: FreshClient, make_user: MakeUser
    ) -> None:
        asha, ravi = make_user(), make_user()
        for user in (asha, ravi, asha, ravi):
            fresh = fresh_client(user_client.application)
            if device := user_client.get_cookie(DEVICE):
                fresh.set_cookie(DEVICE, device.value)
            user_client = sign_in(fresh, user)

        assert devices(asha) == devices(ravi) == [hash_token(carried(user_client))]
        assert told(asha) == told(ravi) == ["Signed in on a new device"]

    def test_of_a_new_one_they_hear_by_sms_too(
        self, user_client: FreshClient, make_user: MakeUser
    ) -> None:
        user = make_user()
        page = user_client.get("/login")
        form = {"csrf_token": token_of(page), "phone": user.phone, "password": PASSWORD}
        agent = "Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36"

        user_client.post("/login", data=form, headers={"User-Agent": agent})

        (text,) = db.session.scalars(select(Message.text).where(Message.to == user.phone))
        assert text.startswith("Your Batua wallet was signed in to on a new device: Chrome on And")
        assert carried(user_client) not in text

    def test_a_wrong_password_makes_no_device_known(
        self, user_client: FreshClient, make_user: MakeUser
    ) -> None:
        user = make_user()

        answer = user_client.submit("/login", phone=user.phone, password="wrong password")

        assert answer.status_code == 422
        assert (devices(user), told(user)) == ([], [])
        assert user_client.get_cookie(DEVICE) is None

    def test_the_first_device_of_a_new_wallet_is_new_and_no_news(
        self, user_client: FreshClient
    ) -> None:
        register(user_client)
        user_client.submit("/register/verify", code=code_for(user_client))

        user = db.session.scalars(select(User).where(User.phone == NEW)).one()
        assert devices(user) == [hash_token(carried(user_client))]
        assert told(user) == []
        with transaction():
            user.tier = "full"
        assert "This device is new" in user_client.get("/settings").text

    def test_others_are_new_again_once_they_are_signed_out(
        self, make_user: MakeUser, signed_in: SignIn
    ) -> None:
        user, stranger = make_user(), make_user()
        here, there, _ = signed_in(user), signed_in(user), signed_in(stranger)
        user.device_token, user.session_token = carried(here), cookie_of(here)

        sign_out_others(user)

        assert devices(user) == [hash_token(carried(here))]
        assert len(devices(stranger)) == 1
        sign_in(there, user)
        assert told(user) == ["Signed in on a new device"]


@pytest.fixture
def asha(make_user: MakeUser, ravi: User) -> User:
    """Asha, with ₹1,00,000, who knows Ravi."""
    user = make_user("Asha Rao", funds="1,00,000")
    know(user, ravi)
    return user


@pytest.mark.usefixtures("session")
class TestFirstDay:
    def test_so_much_leaves_and_not_a_paisa_more(
        self, user_client: FreshClient, asha: User, ravi: User, balance: Balance
    ) -> None:
        browser = sign_in(user_client, asha)
        assert send(browser, ravi, "20,000").status_code == 303

        answer = send(browser, ravi, "5,000.01")

        assert answer.status_code == 422
        assert "send and withdraw ₹25,000.00; ₹5,000.00 are left" in answer.text
        assert balance(asha) == Money(80_000_00)
        assert send(browser, ravi, "5,000").status_code == 303

    def test_the_preview_says_so_before_the_pin(
        self, user_client: FreshClient, asha: User, ravi: User
    ) -> None:
        browser = sign_in(user_client, asha)
        send(browser, ravi, "20,000")

        enough = browser.get(prepare(browser, ravi, "5,000")).text
        too_much = browser.get(prepare(browser, ravi, "5,000.01")).text

        assert "Left in the first day on this device" in enough
        assert "₹5,000.00" in enough
        assert "above what a new device" not in enough
        assert "above what a new device" in too_much
        assert "₹5,000.00 left to send and withdraw in the first day" in browser.get("/kyc").text

    def test_a_day_later_it_is_over(
        self, user_client: FreshClient, asha: User, ravi: User, balance: Balance
    ) -> None:
        browser = sign_in(user_client, asha)
        assert send(browser, ravi, "25,000.01").status_code == 422
        a_day_later()

        assert send(browser, ravi, "60,000").status_code == 303
        assert "first day" not in browser.get(prepare(browser, ravi, "1")).text
        assert "This device is new" not in browser.get("/settings").text
        assert balance(asha) == Money(40_000_00)

    def test_midnight_does_not_end_it(
        self, user_client: FreshClient, asha: User, ravi: User
    ) -> None:
        browser = sign_in(user_client, asha)
        send(browser, ravi, "25,000")
        with transaction():
            yesterday = Usage.since - timedelta(days=1)
            new = Usage.what == "new_device_day"
            db.session.execute(update(Usage).where(new).values(since=yesterday))

        assert send(browser, ravi, "0.01").status_code == 422

    def test_five_new_devices_are_worth_no_more_than_one(
        self, user_app: Flask, asha: User, ravi: User, balance: Balance
    ) -> None:
        for _ in range(5):
            send(sign_in(fresh_client(user_app), asha), ravi, "10,000")

        assert balance(asha) == Money(80_000_00)

    def test_known_devices_go_on_beside_it(
        self, user_client: FreshClient, asha: User, ravi: User, signed_in: SignIn
    ) -> None:
        new, known = sign_in(user_client, asha), signed_in(asha)
        assert send(known, ravi, "40,000").status_code == 303
        assert send(new, ravi, "25,000").status_code == 303
        assert send(new, ravi, "0.01").status_code == 422

        assert send(known, ravi, "5,000").status_code == 303

    def test_a_stolen_session_alone_is_no_known_device(
        self, user_app: Flask, asha: User, ravi: User, signed_in: SignIn
    ) -> None:
        thief = fresh_client(user_app)
        thief.set_cookie("batua_user", cookie_of(signed_in(asha)))

        assert send(thief, ravi, "25,000.01").status_code == 422

    def test_the_device_of_somebody_else_does_not_help(
        self, user_client: FreshClient, asha: User, ravi: User, signed_in: SignIn
    ) -> None:
        user_client.set_cookie(DEVICE, carried(signed_in(ravi)))

        assert send(sign_in(user_client, asha), ravi, "25,000.01").status_code == 422

    @pytest.mark.usefixtures("nowhere")
    def test_withdrawals_count_with_it(
        self, user_client: FreshClient, asha: User, ravi: User, balance: Balance
    ) -> None:
        account, browser = linked(asha), sign_in(user_client, asha)
        assert send(browser, ravi, "20,000").status_code == 303

        answer = withdraw(browser, account, "5,000.01")

        assert answer.status_code == 422
        assert "₹5,000.00 are left" in answer.text
        assert "above what a new device" in answer.text
        assert balance(asha) == Money(80_000_00)
        assert withdraw(browser, account, "5,000").status_code == 303
        assert send(browser, ravi, "0.01").status_code == 422

    def test_bills_do_not(
        self, user_client: FreshClient, asha: User, ravi: User, balance: Balance
    ) -> None:
        billers.seed()
        browser = sign_in(user_client, asha)
        send(browser, ravi, "25,000")
        asked = browser.submit("/pay/TARANG", reference="9876512345", amount="199")
        assert asked.status_code == 303, asked.text
        browser.submit(asked.location, pin=PIN)

        assert db.session.scalars(select(BillPayment.state)).one() in {"paid", "confirmed"}
        assert balance(asha) == Money(74_801_00)

    def test_what_is_left_is_each_persons_own(self, asha: User, ravi: User) -> None:
        with transaction():
            db.session.add(
                Usage(
                    user_id=asha.id,
                    what="new_device_day",
                    since=func.current_date(),
                    used=Money(1_00),
                )
            )

        mine, theirs = room_on_device(asha), room_on_device(ravi)

        assert mine
        assert theirs
        assert (mine.used, theirs.used) == (Money(1_00), Money(0))


@pytest.mark.commits
@pytest.mark.usefixtures("committed")
class TestAtOnce:
    def test_of_thirty_sends_the_first_day_admits_ten(
        self, user_app: Flask, asha: User, ravi: User, balance: Balance
    ) -> None:
        browser = sign_in(fresh_client(user_app), asha)
        phone = ravi.phone
        db.session.commit()  # nothing of ours stays open for as long as this takes
        orders = [prepare(browser, phone, "2,500") for _ in range(30)]
        form = {"csrf_token": token_of(browser.get("/settings")), "pin": PIN}
        session, device = cookie_of(browser), carried(browser)

        def pay(where: str) -> int:
            one = fresh_client(user_app)
            one.set_cookie("batua_user", session)
            one.set_cookie(DEVICE, device)
            while (answer := one.post(where, data=form).status_code) == 503:
                pass  # they waited too long for each other: tried again, as it says
            return answer

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(pay, orders))

        assert sorted(answers) == [303] * 10 + [422] * 20
        assert (balance(asha), balance(ravi)) == (Money(75_000_00), Money(25_000_00))

    def test_one_new_device_many_times_is_told_of_once(self, user_app: Flask, asha: User) -> None:
        device = carried(sign_in(fresh_client(user_app), asha))
        with transaction():
            db.session.execute(delete(Device))
            db.session.execute(delete(Notice))
        form = {"phone": asha.phone, "password": PASSWORD}

        def enter(_: int) -> int:
            one = fresh_client(user_app)
            one.set_cookie(DEVICE, device)
            return one.post(
                "/login", data={**form, "csrf_token": token_of(one.get("/login"))}
            ).status_code

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(enter, range(4)))

        assert 303 in answers
        assert devices(asha) == [hash_token(device)]
        assert told(asha) == ["Signed in on a new device"]
