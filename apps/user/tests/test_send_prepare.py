"""What is to be sent is looked at first."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from batua_db.database import db, transaction
from batua_db.models.wallet import Lookup, SendOrder, User
from batua_db.money import Money
from batua_dev.client import FreshClient
from batua_user.transfers.queries import masked

from .helpers import (
    Balance,
    MakeUser,
    SignIn,
    prepare,
    statements,
    token_of,
)
from .send_books import sent


@pytest.mark.usefixtures("session", "rich")
class TestPrepare:
    def test_it_leads_to_a_look_before_the_pin(
        self, browser: FreshClient, ravi: User, balance: Balance, asha: User
    ) -> None:
        where = prepare(browser, ravi)
        page = browser.get(where)

        assert re.fullmatch(r"/send/[0-9a-f-]{36}", where)
        assert page.status_code == 200
        for shown in ("Ravi K.", "120", "“Dosa”", "₹879.50", "for the first time"):
            assert shown in page.text
        assert "Ravi Kumar" not in page.text
        assert balance(asha) == Money(1000_00)
        assert sent() == []

    def test_the_id_is_the_key_and_the_same_form_is_the_same_order(
        self, browser: FreshClient, ravi: User
    ) -> None:
        key = str(uuid4())

        assert prepare(browser, ravi, key=key) == prepare(browser, ravi, key=key) == f"/send/{key}"

    def test_the_same_key_with_other_terms_is_refused(
        self, browser: FreshClient, ravi: User, make_user: MakeUser, signed_in: SignIn
    ) -> None:
        key = str(uuid4())
        prepare(browser, ravi, key=key)
        form = {"phone": ravi.phone, "amount": "120.50", "note": "Dosa", "key": key}

        for other in ({"amount": "120.51"}, {"note": "Idli"}, {"phone": make_user().phone}):
            assert browser.submit("/send", **{**form, **other}).status_code == 409
        stranger = signed_in(make_user(funds="1000"))
        assert stranger.submit("/send", **form).status_code == 409

    @pytest.mark.parametrize(
        "typed",
        [
            "", "0", "0.00", "-1", "−1", "-0", "+5", "1e3", "1_000", "NaN", "Infinity", "inf",
            "१२३", "１２", "1.005", "0x10", "1,00", "10,00,000.01", "99999999999", "1 000", "<5>",
        ],
    )  # fmt: skip
    def test_what_is_no_amount_is_said_beside_the_field(
        self, browser: FreshClient, ravi: User, typed: str
    ) -> None:
        answer = browser.submit("/send", phone=ravi.phone, amount=typed, note="Dosa")

        assert answer.status_code == 422
        assert re.search(r'id="amount-error">.*(Type|Put)', answer.text, re.DOTALL)
        shown = re.search(r'<input[^>]*name="amount"[^>]*value="([^"]*)"', answer.text)
        assert shown
        assert shown[1].replace("&lt;", "<").replace("&gt;", ">") == typed
        assert 'value="Dosa"' in answer.text
        assert db.session.scalar(select(func.count()).select_from(SendOrder)) == 0

    @pytest.mark.parametrize("style", ["{}", "0{}", "+91 {}", "+91-{}", " {} ", "0091{}"])
    def test_sending_to_oneself_is_refused_however_it_is_typed(
        self, browser: FreshClient, asha: User, style: str
    ) -> None:
        typed = style.format(asha.phone[3:])
        answer = browser.submit("/send", phone=typed, amount="10", note="")

        assert answer.status_code == 422
        assert "your own number" in answer.text or "No such phone" in answer.text

    def test_nobody_there_is_said_clearly(self, browser: FreshClient) -> None:
        answer = browser.submit("/send", phone="+919845099999", amount="10", note="")

        assert answer.status_code == 422
        assert "Nobody with this number has a Batua wallet" in answer.text

    def test_more_than_there_is_is_said_before_the_pin(
        self, browser: FreshClient, ravi: User
    ) -> None:
        answer = browser.submit("/send", phone=ravi.phone, amount="1,000.01", note="")

        assert answer.status_code == 422
        assert "You have ₹1,000.00, which is ₹0.01 short" in answer.text

    def test_a_small_wallet_receives_but_does_not_send(
        self, make_user: MakeUser, signed_in: SignIn, browser: FreshClient, balance: Balance
    ) -> None:
        meena = make_user("Meena Iyer", tier="small", funds="100")
        answer = signed_in(meena).submit("/send", phone="+919845099999", amount="10", note="")
        assert answer.status_code == 422
        assert "full KYC" in answer.text

        browser.post(
            (where := prepare(browser, meena)),
            data={"csrf_token": token_of(browser.get(where)), "pin": "246810"},
        )

        assert balance(meena) == Money(220_50)

    def test_a_card_number_in_the_note_is_refused(self, browser: FreshClient, ravi: User) -> None:
        answer = browser.submit("/send", phone=ravi.phone, amount="10", note="4111 1111 1111 1111")

        assert answer.status_code == 422
        assert "card number" in answer.text

    def test_strangers_may_be_looked_for_twenty_times_an_hour(
        self, browser: FreshClient, ravi: User, asha: User
    ) -> None:
        prepare(browser, ravi)
        with transaction():
            db.session.add_all([Lookup(user_id=asha.id) for _ in range(19)])

        answer = browser.submit("/send", phone="+919845099999", amount="10", note="")

        assert answer.status_code == 429
        assert "Wait an hour" in answer.text
        assert prepare(browser, ravi)  # known people are always open

    def test_and_a_hundred_times_a_day(self, browser: FreshClient, asha: User) -> None:
        earlier = func.now() - func.make_interval(0, 0, 0, 0, 3)
        with transaction():
            db.session.add_all([Lookup(user_id=asha.id, created_at=earlier) for _ in range(99)])
        form = {"phone": "+919845099999", "amount": "10", "note": ""}

        assert browser.submit("/send", **form).status_code == 422
        assert browser.submit("/send", **form).status_code == 429

    def test_whom_one_pays_again_is_a_tap_away(
        self, browser: FreshClient, ravi: User, make_user: MakeUser
    ) -> None:
        browser.submit(prepare(browser, ravi), pin="246810")
        prepare(browser, make_user("Never Paid"))
        page = browser.get("/send")

        assert "Ravi Kumar" in page.text
        assert "Never Paid" not in page.text
        chosen = browser.get(f"/send?to={ravi.id}").text
        assert ravi.phone[3:] in re.sub(r"\s", "", chosen.split('name="phone"')[1][:200])

    def test_nobody_elses_number_is_filled_in(self, browser: FreshClient, ravi: User) -> None:
        page = browser.get(f"/send?to={ravi.id}")

        assert ravi.phone[-5:] not in page.text

    def test_what_was_looked_for_counts_whatever_became_of_it(
        self, browser: FreshClient, ravi: User, asha: User
    ) -> None:
        for phone, amount in (("+919845099999", "10"), (ravi.phone, "1,000.01")):
            assert browser.submit("/send", phone=phone, amount=amount, note="").status_code == 422

        assert db.session.scalar(select(func.count()).select_from(Lookup)) == 2

    def test_it_costs_eight_statements_and_six_to_someone_known(
        self, browser: FreshClient, ravi: User
    ) -> None:
        for most in (8, 6):
            page = browser.get("/send")
            form = {"csrf_token": token_of(page), "phone": ravi.phone, "amount": "1", "note": ""}
            with statements() as seen:
                assert browser.post("/send", data={**form, "key": str(uuid4())}).status_code == 303
            assert len(seen) == most, seen


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ravi Kumar", "Ravi K."),
        ("Lakshmi Venkataraman Subramaniam", "Lakshmi V. S."),
        ("Madhavan", "Madhavan"),
        ("मीनाक्षी शर्मा", "मीनाक्षी श."),
    ],
)
def test_names_are_masked_until_paid(name: str, shown: str) -> None:
    assert masked(name) == shown
