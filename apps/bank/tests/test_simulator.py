"""Each fault of the simulator does what it says, counts it, and makes or loses no money."""

import json
import time
from typing import Any, get_args

import pytest
from flask import Flask

from batua_bank import demo
from batua_bank.payouts.service import Failure, carry_out
from batua_bank.simulator.service import end
from batua_bank.webhooks.service import deliver_due
from batua_config import webhooks
from batua_config.settings import Settings
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.bank import Payment
from batua_db.models.outbox import Delivery, Dispatch, Event
from batua_db.models.outgoing import Payout, Refund
from batua_db.models.simulator import What
from batua_db.money import Money
from batua_dev.client import FreshClient

from .faults import collect, fired, on, order

pytestmark = pytest.mark.usefixtures("banks")
ASHA = demo.CUSTOMERS[0]
WHATS: tuple[What, ...] = get_args(What)


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
    collect(account_of(), platform())


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


class TestRefunds:
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
