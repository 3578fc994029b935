"""Each fault of the simulator does what it says, counts it, and makes or loses no money."""

import json
import time
from typing import Any, get_args
from uuid import uuid4

import pytest
from flask import Flask

from batua_bank import demo
from batua_bank.desk.tables import DESK
from batua_bank.payouts.service import Failure, carry_out
from batua_bank.simulator.kinds import KINDS
from batua_bank.simulator.service import Wanted, end, end_all, switch_on
from batua_bank.webhooks.service import deliver_due
from batua_config import webhooks
from batua_config.settings import Settings
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import NotFound, Refused
from batua_db.models.bank import Payment, PaymentSession
from batua_db.models.outbox import Delivery, Dispatch, Event
from batua_db.models.outgoing import Payout, Refund
from batua_db.models.simulator import Fault, What
from batua_db.money import Money
from batua_db.staffing import hire
from batua_dev.client import FreshClient

pytestmark = pytest.mark.usefixtures("banks")
ASHA = demo.CUSTOMERS[0]
WHATS: tuple[What, ...] = get_args(What)


def on(what: What, **wanted: Any) -> Any:
    """Switch a fault on, for all of SBB unless something else is named."""
    scope = {} if {"reference", "client", "bank"} & set(wanted) else {"bank": "SBB"}
    return switch_on(Wanted(what=what, **scope, **wanted), by="a test")


def fired() -> list[int]:
    db.session.expire_all()
    return [fault.fired for fault in db.session.query(Fault).order_by(Fault.created_at)]


def order(**changes: Any) -> dict[str, Any]:
    return {
        "amount": 500_00,
        "currency": "INR",
        "bank": "SBB",
        "account_number": ASHA.account,
        "ifsc": ASHA.bank.ifsc,
        "holder": ASHA.name,
        "reference": str(uuid4()),
        **changes,
    }


@pytest.fixture
def work(bank_app: Flask) -> Any:
    """``work(task)``: what the worker does, in the bank's own app."""

    def run(task: Any) -> int:
        with bank_app.app_context():
            done = task()
        db.session.expire_all()
        return done

    return run


@pytest.fixture
def pay(api: Any, customer: Any, csrf: Any, approval: Any) -> Any:
    """``pay()``: a session that its customer approves; the session, and what they see."""
    browser: FreshClient = customer()

    def approve(**changes: Any) -> tuple[dict[str, Any], Any]:
        asked = api.ask(**changes)
        path = f"{asked['path']}/approve"
        token = csrf(browser.get(path).text)
        return asked, browser.post(path, data=approval(csrf_token=token))

    return approve


@pytest.fixture
def held(banks: None, account_of: Any, platform: Any) -> None:
    """The platform has collected ₹2,000 at SBB."""
    with transaction():
        ledger.move(
            Money(2_000_00), debit=account_of(), credit=platform(), kind="payment", key="first"
        )


class TestApproval:
    def test_the_bank_declines_and_says_so(self, api: Any, pay: Any, account_of: Any) -> None:
        on("decline")
        asked, answer = pay()

        assert answer.location == asked["return_url"]
        assert api.get(f"/payment-sessions/{asked['id']}").get_json()["status"] == "declined"
        assert [event.type for event in db.session.query(Event)] == ["payment.declined"]
        assert ledger.balance(account_of()) == demo.FUNDS
        assert fired() == [1]

    def test_too_little_is_said_on_the_page_and_then_it_works(self, pay: Any, api: Any) -> None:
        on("insufficient_funds", uses=1)
        asked, answer = pay()

        assert answer.status_code == 422
        assert "is short by ₹500.00" in answer.text
        assert api.get(f"/payment-sessions/{asked['id']}").get_json()["status"] == "open"
        assert pay()[1].status_code == 303
        assert fired() == [1]

    def test_it_takes_its_time(self, pay: Any) -> None:
        on("slow", seconds=1)
        began = time.monotonic()

        assert pay()[1].status_code == 303
        assert time.monotonic() - began > 2  # the call that asked, and the approval
        assert fired() == [2]


class TestWebhooks:
    def test_a_lost_one_is_not_sent_and_can_be_read(
        self, pay: Any, work: Any, wallet: Any, api: Any
    ) -> None:
        on("webhook_lost")
        asked, _ = pay()

        assert work(deliver_due) == 0
        assert wallet.got == []
        assert db.session.query(Dispatch).one().dead_at
        (found,) = api.get(f"/payments?reference={asked['reference']}").get_json()["items"]
        assert db.session.query(Event).one().data == found

    def test_a_delayed_one_is_sent_later(self, pay: Any, work: Any, wallet: Any) -> None:
        on("webhook_delayed", seconds=1)
        pay()

        assert work(deliver_due) == 0
        time.sleep(1.1)
        assert work(deliver_due) == 1
        assert len(wallet.got) == 1

    def test_a_duplicated_one_has_one_id(self, pay: Any, work: Any, wallet: Any) -> None:
        on("webhook_duplicated", times=4)
        pay()
        work(deliver_due)

        assert len(wallet.got) == 4
        assert len({headers["webhook-id"] for _, headers, _ in wallet.got}) == 1
        assert db.session.query(Delivery).count() == 1

    def test_reordered_ones_come_the_later_first(self, pay: Any, work: Any, wallet: Any) -> None:
        on("webhook_reordered", seconds=30)
        first, _ = pay()
        assert work(deliver_due) == 0
        second, _ = pay()
        work(deliver_due)
        time.sleep(1.1)
        work(deliver_due)

        told = [json.loads(body)["data"]["reference"] for *_, body in wallet.got]
        assert told == [second["reference"], first["reference"]]

    def test_a_corrupted_one_is_right_the_second_time(
        self, pay: Any, work: Any, wallet: Any, settings: Settings
    ) -> None:
        on("webhook_corrupted")
        wallet.will(401)
        pay()
        work(deliver_due)
        with transaction():
            dispatch = db.session.query(Dispatch).one()
            dispatch.attempt_at = dispatch.created_at
        work(deliver_due)

        (_, wrong, body), (_, right, again) = wallet.got
        with pytest.raises(webhooks.NotAuthentic):
            webhooks.verify(settings.secrets, wrong, body)
        assert webhooks.verify(settings.secrets, right, again) == dispatch.event_id
        assert body == again


class TestCalls:
    @pytest.mark.parametrize("how", ["500", "timeout"])
    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_write_fails_and_its_repeat_is_the_one_answer(
        self, api: Any, how: str, when: str
    ) -> None:
        on(f"api_{how}_{when}", uses=1, seconds=0)  # pyright: ignore[reportArgumentType]
        terms = api.terms()

        first = api.post("/payment-sessions", terms, key="k")
        assert first.status_code == (201 if (how, when) == ("timeout", "after") else 500)
        assert db.session.query(PaymentSession).count() == (1 if when == "after" else 0)
        again = api.post("/payment-sessions", terms, key="k")
        assert again.status_code == 201
        assert ("Idempotent-Replay" in again.headers) == (when == "after")
        assert db.session.query(PaymentSession).count() == 1

    def test_it_hangs_for_as_long_as_it_is_told(self, api: Any) -> None:
        on("api_timeout_after", uses=1, seconds=1)
        began = time.monotonic()

        api.ask()
        assert time.monotonic() - began > 1

    def test_a_failure_is_told_as_any_of_ours(self, api: Any) -> None:
        on("api_500_before")
        answer = api.post("/payment-sessions", api.terms())

        assert answer.get_json()["error"]["code"] == "internal_error"

    def test_reads_and_other_calls_are_left_alone(self, api: Any) -> None:
        asked = api.ask()
        on("api_500_before")

        assert api.get(f"/payment-sessions/{asked['id']}").status_code == 200
        assert api.get("/settlement?bank=SBB").status_code == 200
        assert api.get("/banks").status_code == 200
        assert fired() == [0]

    @pytest.mark.parametrize("body", [b"{", b"[]", b'{"bank": 7, "reference": "x"}'])
    def test_what_can_not_be_read_is_refused_as_ever(self, api: Any, body: bytes) -> None:
        on("api_500_before")

        assert api.post("/payouts", body).status_code in {400, 422}

    @pytest.mark.usefixtures("held")
    @pytest.mark.parametrize("what", ["decline", "insufficient_funds"])
    def test_a_refused_payout_stays_refused(self, api: Any, platform: Any, what: What) -> None:
        on(what, uses=1)
        terms = order()
        first = api.post("/payouts", terms, key="k")
        again = api.post("/payouts", terms, key="k")

        assert first.status_code == again.status_code == 422
        code = "declined" if what == "decline" else "insufficient_funds"
        assert again.get_json()["error"]["code"] == code
        assert again.headers["Idempotent-Replay"] == "true"
        assert db.session.query(Payout).count() == 0
        assert api.post("/payouts", terms).status_code == 201

    def test_a_refund_is_refused_once(self, api: Any, pay: Any, platform: Any) -> None:
        asked, _ = pay()
        payment = db.session.query(Payment).one()
        on("insufficient_funds", reference=asked["reference"], uses=1)
        terms = {"amount": 500_00, "reason": "back"}
        path = f"/payments/{payment.id}/refunds"

        assert api.post(path, terms).status_code == 422
        assert ledger.balance(platform()) == Money(500_00)
        assert api.post(path, terms).status_code == 201
        assert db.session.query(Refund).count() == 1
        assert ledger.balance(platform()) == Money(0)


@pytest.mark.usefixtures("held")
class TestPayouts:
    @pytest.mark.parametrize("why", get_args(Failure))
    def test_one_fails_later_for_each_reason(
        self, api: Any, work: Any, platform: Any, why: Failure
    ) -> None:
        on("payout_fails", failure=why, seconds=0)
        ordered = api.post("/payouts", order())
        assert (ordered.status_code, ordered.get_json()["status"]) == (201, "pending")

        assert work(carry_out) == 1

        found = api.get(f"/payouts/{ordered.get_json()['id']}").get_json()
        assert (found["status"], found["failure"]) == ("failed", why)
        assert [event.type for event in db.session.query(Event)] == ["payout.failed"]
        assert ledger.balance(platform()) == Money(2_000_00)

    @pytest.mark.parametrize("what", ["slow", "payout_fails"])
    def test_only_the_one_waits(self, api: Any, work: Any, staff: Any, what: What) -> None:
        waits, goes = order(), order()
        for terms in (waits, goes):
            assert api.post("/payouts", terms).status_code == 201
        failure = "account_closed" if what == "payout_fails" else None
        fault = on(what, reference=waits["reference"], seconds=60, failure=failure)

        assert work(carry_out) == 1
        (still,) = db.session.query(Payout).filter_by(status="pending")
        assert still.reference == waits["reference"]
        end(fault, by=staff())
        assert work(carry_out) == 1


class TestFaults:
    def test_only_what_it_is_about_is_hit(self, api: Any, other_client: str) -> None:
        terms = api.terms()
        on("api_500_before", reference=terms["reference"])
        on("api_500_before", bank="CCB")
        on("api_500_before", client=other_client, bank="SBB")

        assert api.post("/payment-sessions", api.terms()).status_code == 201
        assert api.post("/payment-sessions", terms).status_code == 500
        assert api.post("/payment-sessions", api.terms(bank="CCB")).status_code == 500
        assert fired() == [1, 1, 0]

    def test_it_is_over_when_it_is_used_up_or_ended(self, api: Any, staff: Any) -> None:
        on("api_500_before", uses=2)
        for status in (500, 500, 201):
            assert api.post("/payment-sessions", api.terms()).status_code == status
        fault = on("api_500_before")
        end(fault, by=staff())
        end(fault, by=staff())
        assert api.post("/payment-sessions", api.terms()).status_code == 201
        assert fired() == [2, 0]

    def test_all_are_ended_at_once_or_only_ones_own(self, other_client: str, staff: Any) -> None:
        hire(DESK, "kiran", name="K", role="developer", client_id=other_client, password="x" * 20)
        theirs = staff("kiran")
        on("decline")
        mine = on("slow", client=other_client)
        others = on("slow", client="wallet")

        with pytest.raises(NotFound):
            end(others, by=theirs)
        with pytest.raises(Refused):
            switch_on(Wanted(what="slow", client="wallet"), by=theirs)
        with pytest.raises(Refused):
            switch_on(Wanted(what="slow", bank="SBB"), by=theirs)
        assert end_all(by=theirs) == 1
        assert db.session.get_one(Fault, mine).ended_at
        assert end_all(by=staff()) == 2
        assert end_all(by=staff()) == 0

    @pytest.mark.parametrize(
        ("wanted", "field"),
        [
            (Wanted(what="slow"), "reference"),
            (Wanted(what="slow", bank="XYZ"), "bank"),
            (Wanted(what="slow", client="nobody"), "client"),
            (Wanted(what="payout_fails", bank="SBB"), "failure"),
            (Wanted(what="slow", bank="SBB", failure="account_closed"), "failure"),
        ],
    )
    def test_nonsense_is_refused(self, wanted: Wanted, field: str) -> None:
        with pytest.raises(Refused) as refused:
            switch_on(wanted, by="a test")

        assert refused.value.field == field

    def test_each_kind_has_its_words(self) -> None:
        assert set(KINDS) == set(WHATS)


class TestMagic:
    def test_a_reference_says_what_goes_wrong_once(self, api: Any) -> None:
        terms = api.terms(reference="sim:api_500_before:a-7")

        assert api.post("/payment-sessions", terms).status_code == 500
        assert api.post("/payment-sessions", terms).status_code == 201
        assert (
            api.post("/payment-sessions", terms | {"reference": "sim:nothing:x"}).status_code == 201
        )
        assert fired() == [1]

    @pytest.mark.usefixtures("held")
    def test_and_how(self, api: Any, work: Any) -> None:
        for spell in (
            "sim:payout_fails.account_closed:1",
            "sim:payout_fails:2",
            "sim:webhook_duplicated.5:3",
            "sim:slow.0:4",
            "sim:webhook_delayed.999:5",
        ):
            assert api.post("/payouts", order(reference=spell, amount=1_00)).status_code == 201

        faults = db.session.query(Fault).order_by(Fault.created_at)
        assert [(f.failure, f.times, f.seconds) for f in faults] == [
            ("account_closed", 1, 2),
            ("unknown_account", 1, 2),
            (None, 5, 0),
            (None, 1, 0),
            (None, 1, 120),
        ]
