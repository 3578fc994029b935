"""The bank fails while it is asked: what is known is said, what is unknown waits."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from batua_db.database import db
from batua_db.models.wallet import Topup
from batua_db.money import Money
from batua_dev.client import FreshClient
from batua_user.topups import polling

from .helpers import BANK, add, key_of, make_due, topups

ANSWERS: dict[str, Callable[[Any], None]] = {
    "silent": lambda bank: bank.says(500, {}),
    "busy": lambda bank: bank.refuses(503),
    "unknown": lambda bank: bank.refuses(404),
    "nothing yet": lambda bank: bank.knows("succeeded"),
}


@pytest.mark.usefixtures("session")
class TestTheBankFails:
    def ended_with_a_new_form(self, answer: TestResponse, status: int, said: str) -> None:
        assert answer.status_code == status
        assert said in answer.text
        assert 'value="500"' in answer.text
        assert re.search(r'value="SBB"[^>]*checked|checked[^>]*value="SBB"', answer.text)
        assert topups() == [("failed", Money(500_00))]
        old = db.session.scalars(select(Topup.key)).one()
        assert key_of(answer) != str(old)

    @pytest.mark.usefixtures("nowhere")
    def test_refused_connection_ends_it_at_once(self, browser: FreshClient) -> None:
        answer = add(browser)

        self.ended_with_a_new_form(answer, 503, "can’t be reached right now")
        assert answer.headers["Retry-After"]

    def test_a_bank_that_says_later_ends_it_at_once(self, browser: FreshClient, bank: Any) -> None:
        bank.refuses(503)

        self.ended_with_a_new_form(add(browser), 503, "Try again in a few minutes")

    def test_a_no_of_the_bank_is_told(self, browser: FreshClient, bank: Any) -> None:
        bank.refuses(422, "Payments are closed for maintenance.")

        self.ended_with_a_new_form(add(browser), 422, "Payments are closed for maintenance.")

    @pytest.mark.parametrize("status", [400, 401, 403])
    def test_what_only_we_can_mend_is_not_told_as_it_is(
        self, browser: FreshClient, bank: Any, status: int
    ) -> None:
        bank.refuses(status, "BadToken: signature differs")

        answer = add(browser)

        self.ended_with_a_new_form(answer, 503, "can’t be reached right now")
        assert "BadToken" not in answer.text

    @pytest.mark.parametrize(
        "url", ["https://evil.com/pay/x", "//evil.com", "http://localhost:3002.evil.com/", None]
    )
    def test_nobody_is_led_elsewhere(
        self, browser: FreshClient, bank: Any, url: str | None
    ) -> None:
        bank.opens(url=url)

        self.ended_with_a_new_form(add(browser), 503, "can’t be reached right now")

    @pytest.mark.parametrize("status", [500, 502, 504, 429])
    def test_silence_leaves_it_pending_and_the_worker_asks_again(
        self, browser: FreshClient, bank: Any, status: int
    ) -> None:
        bank.says(status, {}, Retry_After="0")
        answer = add(browser)
        topup = db.session.scalars(select(Topup)).one()
        assert (answer.status_code, answer.location) == (303, f"/add-money/{topup.id}")
        page = browser.get(answer.location)
        assert 'data-state="pending"' in page.text
        assert "has not answered so far" in page.text

        bank.opens()
        make_due()
        assert polling.poll() == 1

        keys = {headers["Idempotency-Key"] for *_, headers in bank.asked}
        assert keys == {str(topup.id)}
        page = browser.get(answer.location)
        assert f'href="{BANK}/pay/a-token"' in page.text

    def test_a_repeated_order_that_is_refused_ends(self, browser: FreshClient, bank: Any) -> None:
        bank.says(500, {})
        add(browser)

        bank.refuses(422)
        make_due()
        polling.poll()

        assert topups() == [("failed", Money(500_00))]

    @pytest.mark.parametrize("answer", ["silent", "busy"])
    def test_a_repeated_order_without_an_answer_goes_on(
        self, browser: FreshClient, bank: Any, answer: str
    ) -> None:
        bank.says(500, {})
        add(browser)

        ANSWERS[answer](bank)
        make_due()
        polling.poll()

        assert topups() == [("pending", Money(500_00))]
