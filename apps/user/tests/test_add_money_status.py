"""The status page says what is true, by itself, and only to its person."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func

from batua_db.models.wallet import User
from batua_db.money import Money
from batua_dev.client import FreshClient

from .helpers import BANK, MakeTopup, MakeUser, SignIn, make_due


@pytest.mark.usefixtures("session")
class TestStatus:
    def test_whoever_comes_back_need_not_wait(
        self, asha: User, browser: FreshClient, make_topup: MakeTopup, bank: Any, the_bank: Any
    ) -> None:
        topup = make_topup(asha, check_at=func.now() + timedelta(seconds=2))
        bank.knows("succeeded", [the_bank.payment(topup)])

        page = browser.get(f"/add-money/{topup}")

        assert 'data-state="credited"' in page.text
        assert "Your balance is now" in page.text

    def test_what_the_address_says_proves_nothing(
        self,
        asha: User,
        browser: FreshClient,
        make_topup: MakeTopup,
        bank: Any,
        balance: Callable[[User], Money],
    ) -> None:
        topup = make_topup(asha)
        bank.knows("open", [])

        page = browser.get(f"/add-money/{topup}?status=success&amount=900000")

        assert 'data-state="pending"' in page.text
        assert balance(asha) == Money(0)

    def test_an_open_page_leads_on_and_looks_again_by_itself(
        self, asha: User, browser: FreshClient, make_topup: MakeTopup, bank: Any
    ) -> None:
        topup = make_topup(asha)

        page = browser.get(f"/add-money/{topup}")

        assert f'href="{BANK}/pay/a-token"' in page.text
        assert 'hx-trigger="every 1s"' in page.text
        assert 'http-equiv="refresh"' in page.text
        assert "data-expires-at" in page.text

    def test_without_news_there_is_nothing_to_swap(
        self, asha: User, browser: FreshClient, make_topup: MakeTopup, bank: Any, the_bank: Any
    ) -> None:
        topup = make_topup(asha)
        page = browser.get(f"/add-money/{topup}")
        again = re.search(r'hx-get="(/add-money/[^"]+)"', page.text)
        assert again
        path = again[1].replace("&amp;", "&")

        assert browser.get(path, headers={"HX-Request": "true"}).status_code == 204
        the_bank.tell(the_bank.payment(topup))
        news = browser.get(path, headers={"HX-Request": "true"})

        assert 'data-state="credited"' in news.text
        assert 'hx-select="#topup"' not in news.text

    @pytest.mark.parametrize(
        ("state", "said"),
        [
            ("declined", "was declined"),
            ("expired", "was not approved in time"),
            ("failed", "could not be added"),
            ("refunded", "is back at your bank"),
        ],
    )
    def test_each_end_is_told(
        self, asha: User, browser: FreshClient, make_topup: MakeTopup, state: str, said: str
    ) -> None:
        topup = make_topup(asha, state=state, check_at=None)

        page = browser.get(f"/add-money/{topup}")

        assert f'data-state="{state}"' in page.text
        assert said in page.text

    @pytest.mark.parametrize("state", ["expired", "failed"])
    def test_an_end_that_is_looked_at_again_is_told_as_one(
        self, asha: User, browser: FreshClient, make_topup: MakeTopup, bank: Any, state: str
    ) -> None:
        later = func.now() + timedelta(minutes=10)
        topup = make_topup(asha, state=state, check_at=later, checks=0)

        page = browser.get(f"/add-money/{topup}")

        assert "we ask the bank once more" in page.text
        assert bank.asked == []

    def test_money_set_aside_is_told(
        self, asha: User, browser: FreshClient, make_topup: MakeTopup, the_bank: Any
    ) -> None:
        topup = make_topup(asha)
        the_bank.tell(the_bank.payment(topup, amount=400_00))

        page = browser.get(f"/add-money/{topup}")

        assert 'data-state="captured"' in page.text
        assert "It moved ₹400.00, and you had asked for ₹500.00." in page.text
        assert "₹400.00 is set aside" in browser.get("/").text

    def test_it_is_nobody_elses(
        self, asha: User, make_user: MakeUser, signed_in: SignIn, make_topup: MakeTopup
    ) -> None:
        topup = make_topup(asha)

        assert signed_in(make_user()).get(f"/add-money/{topup}").status_code == 404

    @pytest.mark.usefixtures("nowhere")
    def test_a_bank_that_is_gone_leaves_it_pending(
        self, asha: User, browser: FreshClient, make_topup: MakeTopup
    ) -> None:
        topup = make_topup(asha)
        make_due()

        assert 'data-state="pending"' in browser.get(f"/add-money/{topup}").text
