"""Many calls for a consent at once: never more than its cap, and nothing once it is revoked."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from batua_bank import demo
from batua_bank.consents import service
from batua_db import ledger
from batua_db.database import db
from batua_db.models.bank import Customer, Payment
from batua_db.models.netbanking import Consent
from batua_db.models.outbox import Event
from batua_db.money import Money
from batua_dev.client import fresh_client

pytestmark = [pytest.mark.commits, pytest.mark.usefixtures("committed_banks")]

CAP, EACH = 700_00, 100_00
Calls = list[Callable[[], Any]]


@pytest.fixture
def consent(api: Any, customer: Any, approval: Any) -> str:
    """What Asha allows: ₹700 a month."""
    asked = api.ask(consent={"cap": CAP})
    form = approval(consent="y", cap="700")
    assert customer().submit(f"{asked['path']}/approve", **form).status_code == 303
    return api.get(f"/consents?reference={asked['reference']}").get_json()["items"][0]["id"]


@pytest.fixture
def taking(api: Any, bank_app: Flask, consent: str) -> Callable[..., Callable[[], Any]]:
    """``taking()``: a call for ₹100, made by a connection of its own."""

    def call(key: str = "", reference: str = "") -> Callable[[], Any]:
        terms = {
            "amount": EACH,
            "currency": "INR",
            "consent": consent,
            "reference": reference or str(uuid4()),
        }
        own = type(api)(fresh_client(bank_app), api.settings)
        return lambda: own.post("/payments", terms, key=key or str(uuid4()))

    return call


def at_once(calls: Calls) -> list[Any]:
    together = Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        together.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def again(calls: Calls, answers: list[Any]) -> list[Any]:
    """Whoever was asked to come back, does."""
    return [
        call() if answer.status_code == 503 else answer
        for call, answer in zip(calls, answers, strict=True)
    ]


def taken() -> int:
    return db.session.query(Payment).filter(Payment.consent_id.is_not(None)).count()


def test_twenty_at_once_take_exactly_what_the_cap_allows(taking: Any, account_of: Any) -> None:
    calls = [taking() for _ in range(20)]
    answers = again(calls, at_once(calls))

    said = Counter(
        answer.status_code if answer.status_code == 201 else answer.get_json()["error"]["code"]
        for answer in answers
    )
    assert said == {201: CAP // EACH, "over_the_cap": 20 - CAP // EACH}
    assert taken() == CAP // EACH
    assert ledger.balance(account_of()) == demo.FUNDS - Money(500_00 + CAP)


def test_the_same_key_twenty_times_is_one_payment(taking: Any, account_of: Any) -> None:
    calls = [taking("one key", "R-1") for _ in range(20)]
    answers = again(calls, at_once(calls))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.get_json()["id"] for answer in answers}) == 1
    assert taken() == 1
    assert ledger.balance(account_of()) == demo.FUNDS - Money(500_00 + EACH)
    told = [event.type for event in db.session.query(Event)]
    assert told == ["payment.succeeded"] * 2


def test_what_is_taken_while_it_is_revoked_came_before_or_is_refused(
    taking: Any, bank_app: Flask, consent: str
) -> None:
    def revoke() -> None:
        with bank_app.app_context():
            asha = db.session.scalars(select(Customer).where(Customer.number == "10000001")).one()
            service.revoke(asha, UUID(consent))

    calls = [taking() for _ in range(5)]
    answers = at_once([*calls[:2], revoke, *calls[2:]])
    del answers[2]
    answers = again(calls, answers)

    row = db.session.get_one(Consent, UUID(consent))
    revoked_at = row.revoked_at
    assert row.status == "revoked"
    assert revoked_at is not None
    times = db.session.scalars(
        select(Payment.captured_at).where(Payment.consent_id == row.id)
    ).all()
    assert all(at <= revoked_at for at in times)
    said = {a.get_json()["error"]["code"] for a in answers if a.status_code != 201}
    assert said <= {"consent_revoked"}
    assert taking()().get_json()["error"]["code"] == "consent_revoked"
