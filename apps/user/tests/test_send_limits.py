"""What a person may send, and another may hold."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from batua_db.database import db, transaction
from batua_db.models.people import Notice, Payee
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_dev.client import FreshClient, fresh_client
from batua_user.limits import payees

from .helpers import Balance, MakeUser, SignIn, cookie_of, prepare, token_of


@pytest.mark.usefixtures("session")
class TestLimits:
    def send(self, browser: FreshClient, to: User, amount: str) -> TestResponse:
        return browser.submit(prepare(browser, to, amount), pin="246810")

    def test_new_payees_share_ten_thousand_a_month(
        self, make_user: MakeUser, signed_in: SignIn, balance: Balance
    ) -> None:
        asha, ravi, lata = make_user(funds="30,000"), make_user(), make_user()
        browser = signed_in(asha)
        assert self.send(browser, ravi, "6,000").status_code == 303

        answer = self.send(browser, lata, "4,000.01")

        assert answer.status_code == 422
        assert "₹4,000.00 more this month" in answer.text
        assert balance(asha) == Money(24_000_00)
        assert self.send(browser, lata, "4,000").status_code == 303

    def test_a_registered_payee_may_get_more_a_day_later(
        self, make_user: MakeUser, signed_in: SignIn, balance: Balance
    ) -> None:
        asha, ravi = make_user(funds="50,000"), make_user()
        browser = signed_in(asha)
        self.send(browser, ravi, "1")
        payees.register(asha, ravi.id, pin="246810")
        assert self.send(browser, ravi, "10,000").status_code == 422

        with transaction():
            earlier = Payee.registered_at - timedelta(hours=24)
            db.session.execute(update(Payee).values(registered_at=earlier))

        assert self.send(browser, ravi, "40,000").status_code == 303
        assert balance(ravi) == Money(40_001_00)

    def test_nobody_is_sent_more_than_they_may_hold(
        self, make_user: MakeUser, signed_in: SignIn, balance: Balance
    ) -> None:
        asha, meena = make_user(funds="20,000"), make_user(tier="small", funds="9,000")

        answer = self.send(signed_in(asha), meena, "1,000.01")

        assert answer.status_code == 422
        assert "can’t take this much" in answer.text
        assert "9,000" not in answer.text
        assert (balance(asha), balance(meena)) == (Money(20_000_00), Money(9_000_00))


@pytest.mark.usefixtures("session")
class TestPayees:
    def test_a_payee_is_registered_with_the_pin_once(
        self, make_user: MakeUser, signed_in: SignIn
    ) -> None:
        asha, ravi = make_user(funds="5,000"), make_user("Ravi Kumar")
        browser = signed_in(asha)
        preview = browser.get(prepare(browser, ravi, "100")).text
        assert "Limit left this month" in preview
        assert "₹10,000.00" in preview
        where = f"/send/payees/{ravi.id}"

        assert browser.submit(where, pin="000000").status_code == 422
        for _ in range(2):
            token = token_of(browser.get("/settings"))
            form = {"csrf_token": token, "pin": "246810"}
            assert browser.post(where, data=form).status_code == 303

        assert "Your registered payee" in browser.get(where).text
        told = db.session.scalars(select(Notice.title).where(Notice.user_id == asha.id)).all()
        assert told == ["Ravi Kumar is your registered payee"]

    def test_nobody_is_registered_unseen(self, make_user: MakeUser, signed_in: SignIn) -> None:
        browser, ravi = signed_in(make_user(funds="5,000")), make_user()

        assert browser.get(f"/send/payees/{ravi.id}").status_code == 404

    def test_above_the_limit_the_preview_says_so(
        self, make_user: MakeUser, signed_in: SignIn
    ) -> None:
        browser, ravi = signed_in(make_user(funds="50,000")), make_user("Ravi Kumar")

        page = browser.get(prepare(browser, ravi, "10,000.01")).text

        assert "above what you can send to new payees" in page
        assert f"/send/payees/{ravi.id}" in page


@pytest.mark.commits
@pytest.mark.usefixtures("committed")
def test_of_thirty_at_once_the_limit_admits_ten(
    user_app: Flask, make_user: MakeUser, signed_in: SignIn, balance: Balance
) -> None:
    asha, ravi = make_user(funds="50,000"), make_user()
    browser = signed_in(asha)
    orders = [prepare(browser, ravi, "1,000") for _ in range(30)]
    form = {"csrf_token": token_of(browser.get("/settings")), "pin": "246810"}
    cookie = cookie_of(browser)

    def pay(where: str) -> int:
        one = fresh_client(user_app)
        one.set_cookie("batua_user", cookie)
        return one.post(where, data=form).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(pay, orders))

    assert sorted(answers) == [303] * 10 + [422] * 20
    assert (balance(asha), balance(ravi)) == (Money(40_000_00), Money(10_000_00))
