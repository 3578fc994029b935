"""Refunds: back to the account that paid, and never more than it paid."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from batua_bank import demo
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.bank import Payment
from batua_db.models.outbox import Event
from batua_db.models.outgoing import Refund
from batua_db.money import Money
from batua_dev.client import fresh_client


@pytest.fixture
def payment(api: Any, customer: Any, approval: Any) -> dict[str, Any]:
    """Asha has paid ₹500."""
    asked = api.ask()
    browser = customer()
    assert browser.submit(f"{asked['path']}/approve", **approval()).status_code == 303
    return api.get(f"/payments?reference={asked['reference']}").get_json()["items"][0]


def give_back(api: Any, payment: dict[str, Any], amount: int, **options: Any) -> Any:
    body = {"amount": amount, "reason": "Above the limit"}
    return api.post(f"/payments/{payment['id']}/refunds", body, **options)


@pytest.mark.usefixtures("banks")
class TestRefunds:
    def test_a_refund_reaches_the_account_that_paid(
        self, api: Any, payment: dict[str, Any], account_of: Any, platform: Any
    ) -> None:
        answer = give_back(api, payment, 500_00)

        assert answer.status_code == 201
        refund = answer.get_json()
        assert (refund["payment_id"], refund["status"]) == (payment["id"], "succeeded")
        assert refund["reference"] == payment["reference"]
        assert (ledger.balance(account_of()), ledger.balance(platform())) == (demo.FUNDS, Money(0))
        told = db.session.query(Event).filter(Event.type == "refund.succeeded").one()
        assert told.data == refund

    def test_parts_add_up_to_the_payment_and_no_further(
        self, api: Any, payment: dict[str, Any], account_of: Any
    ) -> None:
        assert give_back(api, payment, 300_00).status_code == 201
        over = give_back(api, payment, 200_01)
        assert give_back(api, payment, 200_00).status_code == 201

        assert over.status_code == 422
        assert over.get_json()["error"]["code"] == "over_reversed"
        assert ledger.balance(account_of()) == demo.FUNDS

    def test_the_same_key_refunds_once(self, api: Any, payment: dict[str, Any]) -> None:
        first = give_back(api, payment, 100_00, key="k")
        again = give_back(api, payment, 100_00, key="k")

        assert first.data == again.data
        assert again.headers["Idempotent-Replay"] == "true"
        assert give_back(api, payment, 200_00, key="k").status_code == 409
        assert db.session.query(Refund).count() == 1

    def test_a_frozen_account_takes_it_and_a_closed_one_cannot(
        self, api: Any, payment: dict[str, Any], account_of: Any, platform: Any
    ) -> None:
        with transaction():
            ledger.set_status(account_of(), "frozen")
        assert give_back(api, payment, 100_00).status_code == 201
        with transaction():
            ledger.set_status(account_of(), "open")
            left = ledger.balance(account_of())
            ledger.move(left, debit=account_of(), credit=platform(), kind="payment", key="empty")
        with transaction():
            ledger.set_status(account_of(), "closed")

        answer = give_back(api, payment, 100_00)

        assert answer.status_code == 422
        assert answer.get_json()["error"]["code"] == "account_closed"

    def test_what_the_platform_has_spent_it_cannot_give_back(
        self, api: Any, payment: dict[str, Any], account_of: Any, platform: Any
    ) -> None:
        with transaction():
            held = ledger.balance(platform())
            ledger.move(held, debit=platform(), credit=account_of(), kind="payout", key="spent")

        answer = give_back(api, payment, 1_00)

        assert answer.status_code == 422
        assert answer.get_json()["error"]["code"] == "insufficient_funds"

    def test_a_payment_that_is_not_there_is_404(self, api: Any) -> None:
        assert give_back(api, {"id": uuid4()}, 1).status_code == 404

    @pytest.mark.parametrize("amount", [0, -1, 1.5, True, "100", 10**12])
    def test_an_amount_that_cannot_be_is_named(
        self, api: Any, payment: dict[str, Any], amount: Any
    ) -> None:
        answer = give_back(api, payment, amount)

        assert answer.status_code == 422
        assert answer.get_json()["error"]["code"] == "invalid_amount"


@pytest.mark.commits
@pytest.mark.usefixtures("committed_banks")
def test_many_at_once_give_back_no_more_than_was_paid(
    api: Any, bank_app: Flask, settings: Any, payment: dict[str, Any], account_of: Any
) -> None:
    def send(_: int) -> int:
        return give_back(type(api)(fresh_client(bank_app), settings), payment, 100_00).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(send, range(12)))

    assert answers == {201: 5, 422: 7}
    assert ledger.balance(account_of()) == demo.FUNDS
    assert db.session.query(Payment).count() == 1
