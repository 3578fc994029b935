"""Asking for money: written down, taken to the bank, and bounded."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from batua_db.database import db, transaction
from batua_db.models.people import Step
from batua_db.models.wallet import Bank, Topup, User
from batua_db.money import Money
from batua_dev.client import FreshClient
from batua_user.topups import polling

from .helpers import (
    BANK,
    MakeTopup,
    MakeUser,
    SignIn,
    add,
    key_of,
    make_due,
    token_of,
    topups,
)


@pytest.mark.usefixtures("session")
class TestAsk:
    def test_the_bank_is_asked_and_the_person_led_there(
        self, browser: FreshClient, bank: Any
    ) -> None:
        answer = add(browser, "1,50,000.00")

        assert (answer.status_code, answer.location) == (303, f"{BANK}/pay/a-token")
        _, _, body, headers = bank.asked[0]
        topup = db.session.scalars(select(Topup)).one()
        said = json.loads(body)
        assert said["reference"] == headers["Idempotency-Key"] == str(topup.id)
        assert said["amount"] == 1_50_000_00
        assert said["currency"] == "INR"
        assert said["bank"] == "SBB"
        assert said["return_url"] == f"http://localhost:3001/add-money/{topup.id}"
        assert topup.state == "pending"

    def test_the_same_form_twice_is_one_topup(self, browser: FreshClient, bank: Any) -> None:
        page = browser.get("/add-money")
        key = key_of(page)

        first, second = add(browser, key=key), add(browser, key=key)

        assert first.location == second.location == f"{BANK}/pay/a-token"
        assert topups() == [("pending", Money(500_00))]
        assert len(bank.asked) == 1

    def test_the_same_form_with_other_terms_is_refused(
        self, browser: FreshClient, bank: Any
    ) -> None:
        key = key_of(browser.get("/add-money"))
        add(browser, key=key)

        assert add(browser, "501", key=key).status_code == 409
        assert topups() == [("pending", Money(500_00))]

    def test_a_key_is_only_ones_own(
        self, browser: FreshClient, make_user: MakeUser, signed_in: SignIn, bank: Any
    ) -> None:
        key = key_of(browser.get("/add-money"))
        add(browser, key=key)

        other = add(signed_in(make_user()), "70", key=key)

        assert other.status_code == 303
        assert topups() == [("pending", Money(500_00)), ("pending", Money(70_00))]

    @pytest.mark.parametrize(
        "typed",
        [
            "", " ", "0", "0.00", "-1", "−1", "-0", "+5", "1e3", "1_000", "NaN", "Infinity",
            "१२३", "１２", "1.005", "0x10", "1,00", "1,5000.00", "10,00,000.01", "99999999999",
            "1 000", "5,", "five", "1\u200b0", "<b>5</b>", "1.", ".5",
        ],
    )  # fmt: skip
    def test_what_is_no_amount_is_said_beside_the_field(
        self, browser: FreshClient, bank: Any, typed: str
    ) -> None:
        answer = add(browser, typed)

        assert answer.status_code == 422
        assert re.search(r'id="amount-error">.*(Type|Put)', answer.text, re.DOTALL)
        shown = re.search(r'<input[^>]*name="amount"[^>]*value="([^"]*)"', answer.text)
        assert shown
        assert shown[1].replace("&lt;", "<").replace("&gt;", ">") == typed
        assert topups() == []
        assert bank.asked == []

    @pytest.mark.parametrize("bank_code", ["", "XXX", "sbb"])
    def test_an_unknown_bank_is_refused(
        self, browser: FreshClient, bank: Any, bank_code: str
    ) -> None:
        answer = add(browser, bank=bank_code)

        assert answer.status_code == 422
        assert "Choose the bank" in answer.text
        assert 'value="500"' in answer.text
        assert topups() == []

    def test_three_may_be_open(self, browser: FreshClient, bank: Any) -> None:
        answers = [add(browser) for _ in range(4)]

        assert [answer.status_code for answer in answers] == [303, 303, 303, 429]
        assert "You have 3 payments open" in answers[3].text
        assert 'value="500"' in answers[3].text
        assert answers[3].headers["Retry-After"]
        assert len(topups()) == 3

    def test_ten_may_be_made_in_an_hour_and_tries_do_not_count(
        self, browser: FreshClient, asha: User, make_topup: MakeTopup, bank: Any
    ) -> None:
        for _ in range(12):
            make_topup(asha, session_id=None, state="failed", check_at=None)
        for _ in range(9):
            make_topup(asha, state="declined", check_at=None)

        assert add(browser).status_code == 303
        answer = add(browser)

        assert answer.status_code == 429
        assert "10 payments in the last hour" in answer.text

    def test_without_banks_the_page_asks_for_them_once(
        self, browser: FreshClient, bank: Any
    ) -> None:
        with transaction():
            db.session.execute(update(Bank).values(ifsc_prefix=""))
        names = [{"code": "SBB", "name": "State Bank of Batua", "ifsc_prefix": "SBBT0"}]
        bank.says(200, {"items": names, "next": None})

        assert "State Bank of Batua" in browser.get("/add-money").text
        browser.get("/add-money")

        assert len(bank.asked) == 1

    @pytest.mark.usefixtures("nowhere")
    def test_without_banks_and_without_the_bank_it_says_so(self, browser: FreshClient) -> None:
        with transaction():
            db.session.execute(update(Bank).values(ifsc_prefix=""))

        page = browser.get("/add-money")

        assert page.status_code == 200
        assert "No bank answers right now" in page.text


@pytest.mark.commits
@pytest.mark.usefixtures("committed")
class TestAtOnce:
    def test_one_form_many_times_is_one_topup(
        self, browser: FreshClient, bank: Any, user_app: Flask
    ) -> None:
        page = browser.get("/add-money")
        token = token_of(page)
        key = key_of(page)
        data = {"csrf_token": token, "key": key, "amount": "500", "bank": "SBB"}

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: browser.post("/add-money", data=data), range(12)))

        assert {answer.status_code for answer in answers} == {303}
        assert topups() == [("pending", Money(500_00))]
        assert len({headers["Idempotency-Key"] for *_, headers in bank.asked}) == 1

    def test_of_many_forms_three_are_opened(self, browser: FreshClient, bank: Any) -> None:
        page = browser.get("/add-money")
        token = token_of(page)

        def post(_: int) -> int:
            data = {"csrf_token": token, "key": str(uuid4()), "amount": "5", "bank": "SBB"}
            return browser.post("/add-money", data=data).status_code

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(post, range(8)))

        assert sorted(answers) == [303] * 3 + [429] * 5

    def test_webhook_poll_and_page_at_once_credit_once(
        self,
        asha: User,
        browser: FreshClient,
        make_topup: MakeTopup,
        bank: Any,
        the_bank: Any,
        user_app: Flask,
        balance: Callable[[User], Money],
    ) -> None:
        topup = make_topup(asha)
        payment = the_bank.payment(topup)
        bank.knows("succeeded", [payment])
        make_due()

        def poll() -> None:
            with user_app.app_context():
                polling.poll()

        with ThreadPoolExecutor(6) as pool:
            jobs = [pool.submit(the_bank.tell, payment) for _ in range(5)]
            jobs += [pool.submit(poll) for _ in range(3)]
            jobs += [pool.submit(browser.get, f"/add-money/{topup}") for _ in range(5)]
            for job in jobs:
                job.result()

        assert balance(asha) == Money(500_00)
        told = select(func.count()).where(Step.what == "credited")
        assert db.session.scalars(told).one() == 1
