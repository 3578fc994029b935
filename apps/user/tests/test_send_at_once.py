"""Many clicks, many guesses, one purse."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text, update
from werkzeug.test import TestResponse

from batua_db import guesses
from batua_db.database import db, transaction
from batua_db.models.wallet import Guess, SendOrder, User
from batua_db.money import Money
from batua_dev.client import FreshClient, fresh_client
from batua_user.settings.service import set_pin

from .helpers import PASSWORD, Balance, cookie_of, prepare, token_of


@pytest.mark.commits
@pytest.mark.usefixtures("committed", "rich")
class TestAtOnce:
    def post_all(
        self, user_app: Flask, browser: FreshClient, where: list[str], pins: list[str]
    ) -> list[TestResponse]:
        token = token_of(browser.get("/settings"))
        cookie = cookie_of(browser)

        def post(pair: tuple[str, str]) -> TestResponse:
            one = fresh_client(user_app)
            one.set_cookie("batua_user", cookie)
            return one.post(pair[0], data={"csrf_token": token, "pin": pair[1]})

        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(post, zip(where, pins, strict=True)))

    def test_one_order_many_times_moves_once(
        self, user_app: Flask, browser: FreshClient, asha: User, ravi: User, balance: Balance
    ) -> None:
        where = prepare(browser, ravi)

        answers = self.post_all(user_app, browser, [where] * 12, ["246810"] * 12)

        assert {answer.status_code for answer in answers} == {303}
        assert len({answer.location for answer in answers}) == 1
        assert (balance(asha), balance(ravi)) == (Money(879_50), Money(120_50))

    def test_the_last_rupees_are_spent_once(
        self, user_app: Flask, browser: FreshClient, asha: User, ravi: User, balance: Balance
    ) -> None:
        orders = [prepare(browser, ravi, "600") for _ in range(6)]

        answers = self.post_all(user_app, browser, orders, ["246810"] * 6)

        codes = sorted(answer.status_code for answer in answers)
        assert codes == [303] + [422] * 5
        assert (balance(asha), balance(ravi)) == (Money(400_00), Money(600_00))

    def test_of_wrong_pins_at_once_five_are_looked_at(
        self,
        user_app: Flask,
        browser: FreshClient,
        ravi: User,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        from batua_db import credentials

        looked: list[str] = []
        verify = credentials.verify_pin
        monkeypatch.setattr(
            credentials, "verify_pin", lambda *args: looked.append("") or verify(*args)
        )
        where = prepare(browser, ravi)

        answers = self.post_all(user_app, browser, [where] * 24, [f"{n:06}" for n in range(24)])

        assert len(looked) == 5
        codes = [answer.status_code for answer in answers]
        assert (codes.count(422), codes.count(429)) == (5, 19)

    def test_one_form_many_times_is_one_order(
        self, user_app: Flask, browser: FreshClient, ravi: User
    ) -> None:
        key = str(uuid4())
        token = token_of(browser.get("/send"))
        form = {"phone": ravi.phone, "amount": "5", "note": "", "key": key, "csrf_token": token}

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: browser.post("/send", data=form), range(12)))

        assert {answer.location for answer in answers} == {f"/send/{key}"}
        assert db.session.get(SendOrder, UUID(key))

    def test_a_spent_pin_and_a_new_one_do_not_wait_for_each_other(
        self, user_app: Flask, asha: User
    ) -> None:
        user_id, waits = asha.id, text("SELECT count(*) FROM pg_locks WHERE NOT granted")

        def choose() -> str:
            with user_app.app_context():
                person = db.session.get_one(User, user_id)
                typed = {"password": PASSWORD, "pin": "975310", "pin_again": "975310"}
                return set_pin(person, **typed, agent="", address="")

        with transaction():
            guesses.take(Guess, f"pin:{user_id}", guesses.PIN)
        with ThreadPoolExecutor(1) as pool, transaction():
            guesses.take(Guess, f"pin:{user_id}", guesses.PIN)
            chosen = pool.submit(choose)
            while not db.session.scalar(waits):
                assert not chosen.done()
            db.session.execute(update(User).where(User.id == user_id).values(pin_hash=None))
        assert chosen.result()
