"""The PIN sends it: once, and nobody else’s."""

import re

import pytest
from sqlalchemy import func, select, update

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.wallet import Guess, User
from batua_db.money import Money
from batua_dev.client import FreshClient

from .helpers import (
    PASSWORD,
    Balance,
    MakeUser,
    SignIn,
    prepare,
    statements,
    token_of,
    wait_is_over,
)
from .send_books import sent


@pytest.mark.usefixtures("session", "rich")
class TestPay:
    def test_the_pin_sends_it(
        self, browser: FreshClient, asha: User, ravi: User, balance: Balance
    ) -> None:
        answer = browser.submit(prepare(browser, ravi), pin="246810")
        receipt = browser.get(answer.location)

        assert answer.status_code == 303
        assert re.fullmatch(r"/activity/[0-9a-f-]{36}", answer.location)
        assert (balance(asha), balance(ravi)) == (Money(879_50), Money(120_50))
        for shown in ("You sent", "Ravi Kumar", "Dosa", "₹879.50", "−₹120.50"):
            assert shown in receipt.text

    def test_a_second_click_is_the_same_receipt(
        self, browser: FreshClient, ravi: User, asha: User, balance: Balance
    ) -> None:
        where = prepare(browser, ravi)
        form = {"csrf_token": token_of(browser.get(where)), "pin": "246810"}

        first, second = (browser.post(where, data=form) for _ in range(2))
        wrong = browser.post(where, data={**form, "pin": "000000"})

        assert first.location == second.location == wrong.location
        assert browser.get(where).location == first.location
        assert balance(asha) == Money(879_50)
        assert len(sent()) == 1

    def test_a_wrong_pin_sends_nothing_and_says_what_is_left(
        self, browser: FreshClient, ravi: User, asha: User, balance: Balance
    ) -> None:
        where = prepare(browser, ravi)

        answers = [browser.submit(where, pin="111111") for _ in range(6)]

        assert [answer.status_code for answer in answers] == [422] * 5 + [429]
        assert "4 tries left" in answers[0].text
        assert "1 try left" in answers[3].text
        assert "Wait 15 minutes" in answers[4].text
        assert answers[5].headers["Retry-After"]
        assert browser.submit(where, pin="246810").status_code == 429
        assert balance(asha) == Money(1000_00)

    def test_a_right_pin_forgives_the_wrong_ones(self, browser: FreshClient, ravi: User) -> None:
        for _ in range(3):
            where = prepare(browser, ravi, "1")
            for _ in range(4):
                assert browser.submit(where, pin="111111").status_code == 422
            assert browser.submit(where, pin="246810").status_code == 303

    def test_ten_wrong_ones_end_the_pin(
        self, browser: FreshClient, ravi: User, asha: User, balance: Balance
    ) -> None:
        where = prepare(browser, ravi)
        for _ in range(9):
            assert browser.submit(where, pin="111111").status_code == 422
            wait_is_over()

        last = browser.submit(where, pin="111111")

        assert (last.status_code, last.location) == (303, f"/settings/pin?next={where}")
        wait_is_over()
        assert browser.get(where).location == f"/settings/pin?next={where}"
        page = browser.get(last.location)
        assert "no longer works" in page.text
        assert balance(asha) == Money(1000_00)

    @pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "२४६८१०", " 24681"])
    def test_what_is_no_pin_is_not_counted(
        self, browser: FreshClient, ravi: User, typed: str
    ) -> None:
        answer = browser.submit(prepare(browser, ravi), pin=typed)

        assert answer.status_code == 422
        assert "6 digits" in answer.text
        assert db.session.scalar(select(func.count()).select_from(Guess)) == 0

    def test_without_a_pin_it_leads_to_choosing_one_and_back(
        self, make_user: MakeUser, signed_in: SignIn, ravi: User
    ) -> None:
        browser = signed_in(make_user(funds="500", pin=False))
        where = prepare(browser, ravi)
        away = browser.get(where)
        assert away.location == f"/settings/pin?next={where}"

        chosen = browser.submit(away.location, password=PASSWORD, pin="975310", pin_again="975310")

        assert chosen.location == where
        assert browser.submit(where, pin="975310").status_code == 303

    def test_money_that_went_elsewhere_meanwhile_is_missed_gracefully(
        self, browser: FreshClient, ravi: User, balance: Balance, asha: User
    ) -> None:
        first, second = prepare(browser, ravi, "900"), prepare(browser, ravi, "200")
        browser.submit(first, pin="246810")

        answer = browser.submit(second, pin="246810")

        assert answer.status_code == 422
        assert "₹100.00 short" in answer.text
        assert balance(asha) == Money(100_00)

    def test_frozen_and_closed_wallets_say_so(
        self, browser: FreshClient, ravi: User, asha: User, make_user: MakeUser
    ) -> None:
        gone = make_user("Gone Gandhi")
        to_gone, to_ravi = prepare(browser, gone), prepare(browser, ravi)
        with transaction():
            ledger.set_status(gone.account_id, "closed")
        assert "Their wallet is closed" in browser.submit(to_gone, pin="246810").text
        with transaction():
            ledger.set_status(asha.account_id, "frozen")

        answer = browser.submit(to_ravi, pin="246810")

        assert answer.status_code == 422
        assert "Your wallet is frozen" in answer.text

    def test_what_was_prepared_cannot_be_changed_with_the_pin(
        self, browser: FreshClient, asha: User, ravi: User, balance: Balance
    ) -> None:
        where = prepare(browser, ravi)
        form = {"csrf_token": token_of(browser.get(where)), "pin": "246810"}

        browser.post(where, data={**form, "amount": "1", "phone": asha.phone, "note": "Idli"})

        assert (balance(asha), balance(ravi)) == (Money(879_50), Money(120_50))

    def test_an_order_is_nobody_elses(
        self, browser: FreshClient, ravi: User, signed_in: SignIn, make_user: MakeUser
    ) -> None:
        where = prepare(browser, ravi)
        for other in (ravi, make_user(funds="1000")):
            thief = signed_in(other)
            form = {"csrf_token": token_of(thief.get("/settings")), "pin": "246810"}

            assert thief.get(where).status_code == 404
            assert thief.post(where, data=form).status_code == 404
        assert sent() == []

    def test_nothing_is_sent_on_get(self, browser: FreshClient, ravi: User) -> None:
        browser.get(prepare(browser, ravi) + "?pin=246810")

        assert sent() == []

    def test_whoever_may_no_longer_send_is_told_so_with_the_right_pin(
        self, browser: FreshClient, ravi: User, asha: User, balance: Balance
    ) -> None:
        where = prepare(browser, ravi)
        with transaction():
            db.session.execute(update(User).where(User.id == asha.id).values(tier="small"))

        answer = browser.submit(where, pin="246810")

        assert answer.status_code == 422
        assert "full KYC" in answer.text
        assert balance(asha) == Money(1000_00)
        assert db.session.scalar(select(func.count()).select_from(Guess)) == 0

    def test_it_costs_nine_statements_and_one_of_them_moves_the_money(
        self, browser: FreshClient, ravi: User
    ) -> None:
        where = prepare(browser, ravi)
        form = {"csrf_token": token_of(browser.get(where)), "pin": "246810"}

        with statements() as seen:
            assert browser.post(where, data=form).status_code == 303

        assert len([each for each in seen if "ledger.move(" in each]) == 1
        assert len([each for each in seen if "ledger." in each]) == 1
        assert len(seen) == 9, seen  # two of them count limits, two tell both people
