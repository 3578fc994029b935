"""Payouts: ordered once, carried out once, and told once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from batua_bank import demo
from batua_bank.payouts.service import carry_out
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.outbox import Event
from batua_db.models.outgoing import Payout
from batua_db.money import Money
from batua_dev.client import fresh_client

ASHA = demo.CUSTOMERS[0]
HELD = Money(2_000_00)


def terms(**changes: Any) -> dict[str, Any]:
    """An order that nothing is wrong with: to Asha, from the platform's account at SBB."""
    return {
        "amount": 500_00,
        "currency": "INR",
        "bank": "SBB",
        "account_number": ASHA.account,
        "ifsc": ASHA.bank.ifsc,
        "holder": "asha  rao",
        "reference": str(uuid4()),
        **changes,
    }


@pytest.fixture
def held(account_of: Any, platform: Any) -> Money:
    """The platform has collected ₹2,000 at SBB."""
    with transaction():
        ledger.move(HELD, debit=account_of(), credit=platform(), kind="payment", key="first")
    return HELD


def news() -> list[tuple[str, str | None]]:
    db.session.commit()
    events = db.session.query(Event).order_by(Event.created_at)
    return [(event.type, event.data["failure"]) for event in events]


@pytest.mark.usefixtures("banks", "held")
class TestPayouts:
    def test_a_payout_reaches_its_account(self, api: Any, account_of: Any, platform: Any) -> None:
        before = ledger.balance(account_of())
        ordered = api.post("/payouts", asked := terms())
        assert ordered.status_code == 201
        assert ordered.get_json()["status"] == "pending"

        assert carry_out() == 1

        payout = api.get(f"/payouts/{ordered.get_json()['id']}").get_json()
        assert (payout["status"], payout["failure"]) == ("succeeded", None)
        assert (payout["reference"], payout["amount"]) == (asked["reference"], 500_00)
        assert ledger.balance(account_of()) == before + Money(500_00)
        assert ledger.balance(platform()) == HELD - Money(500_00)
        assert news() == [("payout.succeeded", None)]
        assert carry_out() == 0

    @pytest.mark.parametrize(
        ("changes", "failure"),
        [
            ({"account_number": "999999999999"}, "unknown_account"),
            ({"ifsc": "SBBB0009999"}, "unknown_account"),
            ({"holder": "Ravi Kumar"}, "holder_mismatch"),
        ],
    )
    def test_a_payout_that_finds_nobody_fails_and_moves_nothing(
        self, api: Any, platform: Any, changes: dict[str, str], failure: str
    ) -> None:
        ordered = api.post("/payouts", terms(**changes))

        carry_out()

        payout = api.get(f"/payouts/{ordered.get_json()['id']}").get_json()
        assert (payout["status"], payout["failure"]) == ("failed", failure)
        assert ledger.balance(platform()) == HELD
        assert news() == [("payout.failed", failure)]

    def test_a_closed_account_takes_nothing_and_a_frozen_one_does(
        self, api: Any, account_of: Any, platform: Any
    ) -> None:
        ravi = demo.CUSTOMERS[1]
        with transaction():
            ledger.set_status(account_of(), "frozen")
            funds, cash = ledger.balance(account_of(ravi.number)), platform()
            closing = account_of(ravi.number)
            ledger.move(funds, debit=closing, credit=cash, kind="payment", key="emptied")
        with transaction():
            ledger.set_status(closing, "closed")
        api.post("/payouts", terms())
        api.post("/payouts", terms(account_number=ravi.account, holder=ravi.name))

        carry_out()

        assert Counter(news()) == {
            ("payout.succeeded", None): 1,
            ("payout.failed", "account_closed"): 1,
        }

    def test_a_frozen_platform_pays_nobody_and_holds_up_no_other_bank(
        self, api: Any, platform: Any, account_of: Any
    ) -> None:
        with transaction():
            meera, other = account_of(demo.CUSTOMERS[2].number), platform("CCB")
            ledger.move(HELD, debit=meera, credit=other, kind="payment", key="second")
        with transaction():
            ledger.set_status(platform(), "frozen")
        api.post("/payouts", terms())
        api.post("/payouts", terms(bank="CCB"))

        assert carry_out() == 2

        assert news() == [("payout.failed", "platform_frozen"), ("payout.succeeded", None)]

    def test_a_customer_of_any_bank_is_paid(self, api: Any, account_of: Any) -> None:
        meera = demo.CUSTOMERS[2]
        order = terms(account_number=meera.account, ifsc=meera.bank.ifsc, holder="MEERA PILLAI")
        api.post("/payouts", order)

        carry_out()

        assert ledger.balance(account_of(meera.number)) == demo.FUNDS + Money(500_00)

    def test_more_than_the_platform_has_is_refused_at_once(self, api: Any) -> None:
        answer = api.post("/payouts", terms(amount=HELD.paise + 1))

        assert answer.status_code == 422
        assert answer.get_json()["error"]["code"] == "insufficient_funds"
        assert db.session.query(Payout).count() == 0

    def test_what_was_there_when_ordered_and_is_gone_since_fails(
        self, api: Any, platform: Any, account_of: Any
    ) -> None:
        for _ in range(2):
            api.post("/payouts", terms(amount=HELD.paise))

        carry_out()

        assert news() == [("payout.succeeded", None), ("payout.failed", "insufficient_funds")]
        assert ledger.balance(platform()) == Money(0)

    def test_the_same_key_is_the_same_payout(self, api: Any) -> None:
        first = api.post("/payouts", asked := terms(), key="k")
        carry_out()
        again = api.post("/payouts", asked, key="k")
        other = api.post("/payouts", {**asked, "amount": 1}, key="k")

        assert first.data == again.data
        assert again.headers["Idempotent-Replay"] == "true"
        assert other.status_code == 409
        assert carry_out() == 0

    def test_the_same_reference_under_another_key_is_refused(self, api: Any) -> None:
        api.post("/payouts", asked := terms())
        answer = api.post("/payouts", asked)

        assert answer.status_code == 409
        assert answer.get_json()["error"]["code"] == "reference_used"

    def test_a_payout_is_found_by_its_reference(self, api: Any) -> None:
        ordered = api.post("/payouts", asked := terms()).get_json()

        assert api.get(f"/payouts?reference={asked['reference']}").get_json() == {
            "items": [ordered],
            "next": None,
        }
        assert api.get("/payouts?reference=nothing").get_json()["items"] == []
        assert api.get(f"/payouts/{uuid4()}").status_code == 404

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"amount": 0}, "invalid_amount"),
            ({"amount": True}, "invalid_amount"),
            ({"currency": "USD"}, "invalid_currency"),
            ({"account_number": "१२३४५६७८९"}, "invalid_account_number"),
            ({"account_number": "12345678"}, "invalid_account_number"),
            ({"ifsc": "sbbb0000181"}, "invalid_ifsc"),
            ({"holder": ""}, "invalid_holder"),
            ({"bank": "XYZ"}, "unknown_bank"),
            ({"to": "me"}, "unknown_field"),
        ],
    )
    def test_terms_that_cannot_be_are_named(
        self, api: Any, changes: dict[str, Any], code: str
    ) -> None:
        answer = api.post("/payouts", terms(**changes))

        assert answer.status_code == 422
        assert answer.get_json()["error"]["code"] == code


@pytest.mark.usefixtures("banks")
class TestChecks:
    def check(self, api: Any, **changes: str) -> Any:
        asked = {
            "account_number": ASHA.account,
            "ifsc": ASHA.bank.ifsc,
            "holder": "ASHA RAO",
            **changes,
        }
        return api.post("/account-checks", asked, key="")

    def test_the_holder_matches(self, api: Any) -> None:
        answer = self.check(api)

        assert answer.status_code == 200
        assert answer.get_json() == {"matches": True, "holder_masked": "A*** R**"}

    @pytest.mark.parametrize(
        "changes",
        [{"holder": "Ravi Kumar"}, {"account_number": "999999999999"}, {"ifsc": "SBBB0009999"}],
    )
    def test_somebody_elses_and_nobodys_look_the_same(
        self, api: Any, changes: dict[str, str]
    ) -> None:
        assert self.check(api, **changes).get_json() == {"matches": False, "holder_masked": None}


@pytest.mark.usefixtures("banks", "held")
class TestStatement:
    def test_the_platforms_lines_name_what_they_were_for(self, api: Any, platform: Any) -> None:
        api.post("/payouts", asked := terms())
        carry_out()
        ledger.fold()

        answer = api.get("/settlement/entries?bank=SBB").get_json()

        first, second = answer["items"]
        assert (first["number"], first["amount"], first["balance"]) == (1, HELD.paise, HELD.paise)
        assert (second["kind"], second["amount"]) == ("payout", -500_00)
        assert second["reference"] == asked["reference"]
        assert second["balance"] == ledger.balance(platform()).paise
        assert answer["next"] is None

    def test_it_goes_on_after_what_is_known(self, api: Any) -> None:
        ledger.fold()

        assert api.get("/settlement/entries?bank=SBB&after=1").get_json()["items"] == []
        assert api.get("/settlement/entries?bank=SBB&after=x").status_code == 422
        assert api.get("/settlement/entries?bank=XYZ").status_code == 422


@pytest.mark.commits
@pytest.mark.usefixtures("committed_banks", "held")
class TestAtOnce:
    def test_one_order_many_times_is_one_payout(
        self, api: Any, bank_app: Flask, settings: Any, platform: Any
    ) -> None:
        asked = terms()

        def send(_: int) -> int:
            own = type(api)(fresh_client(bank_app), settings)
            return own.post("/payouts", asked, key="k").status_code

        with ThreadPoolExecutor(8) as pool:
            answers = Counter(pool.map(send, range(16)))

        assert set(answers) <= {201, 503}
        assert db.session.query(Payout).count() == 1

    def test_many_workers_carry_each_out_once(
        self, api: Any, bank_app: Flask, platform: Any, account_of: Any
    ) -> None:
        before = ledger.balance(account_of())
        for _ in range(12):
            api.post("/payouts", terms(amount=100_00))

        def work(_: int) -> int:
            with bank_app.app_context():
                return carry_out()

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(work, range(4))) == 12

        assert ledger.balance(account_of()) == before + Money(1_200_00)
        assert ledger.balance(platform()) == HELD - Money(1_200_00)
        assert len(news()) == 12
