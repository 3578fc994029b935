"""What a payment link says once it can't be approved any more."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from werkzeug.test import TestResponse

from batua_bank import demo
from batua_bank.pay.lifecycle import expire_due
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.bank import PaymentSession, SessionEvent
from batua_db.models.clients import Client
from batua_db.models.outbox import Event
from batua_dev.client import FreshClient

pytestmark = pytest.mark.usefixtures("banks")


@pytest.fixture
def knock(customer: Any, approval: Any, csrf: Any) -> Callable[[str], list[TestResponse]]:
    """Every way to use a link, by somebody who had the page open before."""
    browser: FreshClient = customer()
    token = {"csrf_token": csrf(browser.get("/accounts").text)}

    def use(path: str) -> list[TestResponse]:
        login = {"customer_id": "10000001", "password": demo.PASSWORD}
        return [
            browser.get(path),
            browser.get(f"{path}/approve"),
            browser.post(f"{path}/approve", data={**approval(), **token}),
            browser.post(f"{path}/approve", data={**approval(action="decline"), **token}),
            browser.post(f"{path}/approve", data={**token}),
            browser.post(f"{path}/login", data={**login, **token}),
        ]

    return use


def says(answers: list[TestResponse], status: int, state: str, back: str) -> None:
    for answer in answers:
        assert answer.status_code == status
        assert f'data-state="{state}"' in answer.text
        assert f'href="{back}"' in answer.text


def nothing_happened(account: UUID) -> None:
    assert ledger.balance(account) == demo.FUNDS
    assert db.session.query(Event).filter_by(type="payment.succeeded").count() == 0


def test_an_unknown_link(knock: Any, bank_app: Flask, settings: Any, account_of: Any) -> None:
    for token in ("x", "A" * 43, "A" * 500, "%00", "..", "é"):
        says(knock(f"/pay/{token}"), 404, "unknown", settings.public_url("user"))
    nothing_happened(account_of())


def test_a_link_whose_time_is_up(knock: Any, api: Any, run_out: Any, account_of: Any) -> None:
    """Redis still has it: what counts is the database's clock."""
    asked = api.ask()
    run_out(asked["id"])

    answers = knock(asked["path"])

    says(answers, 410, "expired", asked["return_url"])
    assert "It was open for five minutes" in answers[0].text
    nothing_happened(account_of())


def test_a_link_whose_time_runs_out_between_look_and_claim(
    api: Any, customer: Any, approval: Any, run_out: Any, account_of: Any, csrf: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    asked, browser = api.ask(), customer()
    token = csrf(browser.get(f"{asked['path']}/approve").text)

    def slow_redis(*_: Any) -> bool:
        run_out(asked["id"])
        return True

    monkeypatch.setattr("batua_bank.pay.links.is_live", slow_redis)
    form = {**approval(), "csrf_token": token}
    answer = browser.post(f"{asked['path']}/approve", data=form)

    assert answer.status_code == 410
    nothing_happened(account_of())


def test_a_flushed_redis_ends_a_link(knock: Any, api: Any, redis: Redis, account_of: Any) -> None:
    asked = api.ask()
    redis.flushdb()

    answers = knock(asked["path"])

    says(answers, 410, "expired", asked["return_url"])
    assert "It no longer works" in answers[0].text
    nothing_happened(account_of())


def test_a_link_in_redis_that_leads_to_another_session_is_not_live(
    knock: Any, api: Any, redis: Redis
) -> None:
    asked, other = api.ask(), api.ask()
    for key in redis.keys("pay:*"):  # pyright: ignore[reportGeneralTypeIssues]
        redis.set(key, other["id"])

    assert knock(asked["path"])[0].status_code == 410


@pytest.mark.parametrize("flushed", [False, True])
@pytest.mark.parametrize(("action", "state"), [("approve", "succeeded"), ("decline", "declined")])
def test_a_used_link(
    knock: Any, api: Any, redis: Redis, customer: Any, approval: Any, action: str, state: str,
    flushed: bool,
) -> None:  # fmt: skip
    asked = api.ask()
    customer().submit(f"{asked['path']}/approve", **approval(action=action))
    if flushed:
        redis.flushdb()

    says(knock(asked["path"]), 409, state, asked["return_url"])
    assert db.session.query(Event).count() == 1


def test_without_redis_people_are_asked_for_patience(
    knock: Any, api: Any, bank_app: Flask, monkeypatch: pytest.MonkeyPatch, account_of: Any
) -> None:
    asked = api.ask()
    with monkeypatch.context() as down:
        down.setitem(bank_app.extensions, "redis", Redis(port=1, retry=Retry(NoBackoff(), 0)))
        answers = knock(asked["path"])

    assert {answer.status_code for answer in answers} == {503}
    assert all("No money moved" in a.text or "no money" in a.text.lower() for a in answers)
    nothing_happened(account_of())
    assert knock(asked["path"])[0].status_code == 200


def test_the_worker_closes_what_ran_out_and_tells_the_wallet(api: Any, run_out: Any) -> None:
    asked, still_open = api.ask(), api.ask()
    run_out(asked["id"])

    assert (expire_due(), expire_due()) == (1, 0)
    assert db.session.get_one(PaymentSession, UUID(asked["id"])).status == "expired"
    assert db.session.get_one(PaymentSession, UUID(still_open["id"])).status == "open"
    assert db.session.query(SessionEvent.what).one() == ("expired",)
    event = db.session.query(Event).one()
    assert event.type == "payment.expired"
    assert event.data == {
        "id": asked["id"],
        "reference": asked["reference"],
        "amount": 500_00,
        "currency": "INR",
        "bank": "SBB",
        "status": "expired",
    }


def test_an_expired_session_reads_so_before_and_after_the_worker(
    knock: Any, api: Any, run_out: Any
) -> None:
    asked = api.ask()
    run_out(asked["id"])
    expire_due()

    says(knock(asked["path"]), 410, "expired", asked["return_url"])
    assert api.get(f"/payment-sessions/{asked['id']}").get_json()["status"] == "expired"


def test_an_open_page_says_by_itself_that_its_time_is_over(api: Any, customer: Any) -> None:
    """Without a script, too: it is loaded anew a second after the end."""
    asked, browser = api.ask(), customer()
    for path in (asked["path"], f"{asked['path']}/approve"):
        page = browser.get(path).text
        found = re.search(r'<noscript><meta http-equiv="refresh" content="(\d+)">', page)
        assert found
        assert 295 <= int(found[1]) <= 301
        assert "This page is open until" in page
        assert "Batua Payments Private Limited" in page


@pytest.mark.parametrize(
    ("frozen", "amount", "state", "said"),
    [
        (False, 60_000_00, "insufficient_funds", "None of your accounts holds enough"),
        (True, 500_00, "account_frozen", "Your account is frozen"),
    ],
)
def test_why_no_account_can_pay_is_the_page(
    api: Any, customer: Any, account_of: Any, frozen: bool, amount: int, state: str, said: str
) -> None:
    if frozen:
        with transaction():
            ledger.set_status(account_of(), "frozen")
    page = customer().get(f"{api.ask(amount=amount)['path']}/approve").text

    assert f'data-state="{state}"' in page
    assert said in page
    assert re.search(r'class="btn main full" name="action" value="decline"', page)


def test_an_unknown_link_leads_back_to_whoever_led_there(
    bank_client: FreshClient, other_client: str, settings: Any
) -> None:
    with transaction():
        db.session.get_one(Client, other_client).origins = ["https://kirana.example"]
    theirs = bank_client.get("/pay/x", headers={"Referer": "https://kirana.example/cart?id=5"})
    strange = bank_client.get("/pay/x", headers={"Referer": "https://kirana.example.evil.com/"})

    assert 'href="https://kirana.example"' in theirs.text
    assert "Go back to Kirana" in theirs.text
    assert f'href="{settings.public_url("user")}"' in strange.text
    assert "evil" not in strange.text
