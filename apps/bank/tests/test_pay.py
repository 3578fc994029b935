"""The payment page: who is paid, sign in, approve or decline, and back to the wallet."""

import re
from typing import Any
from uuid import UUID

import pytest
from redis import Redis
from sqlalchemy import select

from batua_bank import demo
from batua_db import ledger
from batua_db.database import db
from batua_db.models.bank import Payment, PaymentSession, SessionEvent
from batua_db.models.outbox import Event
from batua_db.money import Money
from batua_dev.client import FreshClient, fresh_client

pytestmark = pytest.mark.usefixtures("banks")

FUNDS = demo.FUNDS


def events() -> list[tuple[str, dict[str, Any]]]:
    return [(event.type, event.data) for event in db.session.query(Event)]


def trail(session_id: str) -> list[str]:
    query = select(SessionEvent.what).where(SessionEvent.session_id == UUID(session_id))
    return list(db.session.scalars(query.order_by(SessionEvent.created_at)))


def sign_in(browser: FreshClient, path: str, number: str = "10000001") -> Any:
    return browser.submit(path, customer_id=number, password=demo.PASSWORD)


def test_the_page_says_who_is_paid_how_much_and_until_when(api: Any) -> None:
    asked = api.ask(amount=5_000_00, description="Rent <b>")
    page = fresh_client(api.client.application).get(asked["path"])

    assert page.status_code == 200
    assert "Batua Payments Private Limited" in page.text
    assert 'value="500000"' in page.text
    assert "Rent &lt;b&gt;" in page.text
    assert asked["reference"] in page.text
    assert f'data-expires-at="{asked["expires_at"]}"' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"


def test_a_customer_signs_in_approves_and_goes_back(
    api: Any, bank_client: FreshClient, approval: Any, account_of: Any, platform: Any
) -> None:
    asked = api.ask()

    signed_in = sign_in(bank_client, asked["path"])
    approved = bank_client.submit(signed_in.location, **approval())

    assert (signed_in.status_code, signed_in.location) == (303, f"{asked['path']}/approve")
    assert (approved.status_code, approved.location) == (303, asked["return_url"])
    assert ledger.balance(account_of()) == FUNDS - Money(500_00)
    assert ledger.balance(platform()) == Money(500_00)
    payment = db.session.query(Payment).one()
    ((kind, data),) = events()
    assert kind == "payment.succeeded"
    assert data == api.get(f"/payments/{payment.id}").get_json()
    assert trail(asked["id"]) == ["opened", "signed_in", "approved"]


def test_a_customer_declines_without_an_mpin(
    api: Any, customer: Any, approval: Any, account_of: Any
) -> None:
    asked = api.ask()
    answer = customer().submit(
        f"{asked['path']}/approve", **approval(action="decline", mpin="", account="")
    )

    assert (answer.status_code, answer.location) == (303, asked["return_url"])
    assert ledger.balance(account_of()) == FUNDS
    assert events() == [
        (
            "payment.declined",
            {
                "id": asked["id"],
                "reference": asked["reference"],
                "amount": 500_00,
                "currency": "INR",
                "bank": "SBB",
                "status": "declined",
            },
        )
    ]
    assert trail(asked["id"]) == ["declined"]
    assert api.get(f"/payment-sessions/{asked['id']}").get_json()["status"] == "declined"


@pytest.mark.parametrize("action", ["approve", "decline"])
def test_the_same_form_again_is_answered_the_same(
    api: Any, customer: Any, approval: Any, account_of: Any, redis: Redis, action: str, csrf: Any
) -> None:
    asked, browser = api.ask(), customer()
    form = approval(action=action)
    token = csrf(browser.get(f"{asked['path']}/approve").text)
    send = lambda: browser.post(f"{asked['path']}/approve", data={**form, "csrf_token": token})  # noqa: E731

    first, again = send(), send()
    redis.flushdb()
    after_flush = send()

    assert [each.status_code for each in (first, again, after_flush)] == [303, 303, 303]
    assert {each.location for each in (first, again, after_flush)} == {asked["return_url"]}
    assert len(events()) == 1


@pytest.mark.parametrize("change", ["key", "account", "action"])
def test_another_form_on_a_used_session_is_409(
    api: Any, customer: Any, approval: Any, second_account: UUID, change: str, csrf: Any
) -> None:
    asked, browser = api.ask(), customer()
    form = approval()
    other = {"key": str(UUID(int=1)), "account": str(second_account), "action": "decline"}
    token = csrf(browser.get(f"{asked['path']}/approve").text)
    browser.post(f"{asked['path']}/approve", data={**form, "csrf_token": token})

    answer = browser.post(
        f"{asked['path']}/approve", data={**form, change: other[change], "csrf_token": token}
    )

    assert answer.status_code == 409
    assert 'data-state="succeeded"' in answer.text
    assert asked["return_url"] in answer.text
    assert len(events()) == 1


def test_a_stranger_is_asked_to_sign_in(api: Any, bank_client: FreshClient, approval: Any) -> None:
    asked = api.ask()
    for answer in (
        bank_client.get(f"{asked['path']}/approve"),
        bank_client.post(f"{asked['path']}/approve", data=approval()),
        bank_client.get(f"{asked['path']}/login"),
    ):
        assert (answer.status_code, answer.location) == (303, asked["path"])


def test_a_customer_of_another_bank_is_told_so(
    api: Any, bank_client: FreshClient, customer: Any, approval: Any, account_of: Any, csrf: Any
) -> None:
    asked = api.ask()
    wrong_bank = sign_in(bank_client, asked["path"], "20000001")
    meera = customer("20000001")
    looked = meera.get(f"{asked['path']}/approve")

    assert wrong_bank.status_code == 422
    assert "Coastal Commerce Bank" in wrong_bank.text
    assert bank_client.get("/accounts").status_code == 303
    assert (looked.status_code, looked.location) == (303, asked["path"])
    token = csrf(meera.get(asked["path"]).text)
    form = approval(account=str(account_of("20000001")))
    answer = meera.post(f"{asked['path']}/approve", data={**form, "csrf_token": token})
    assert answer.status_code == 422
    assert "Coastal Commerce Bank" in answer.text
    assert events() == []


def test_who_is_signed_in_already_may_go_on(api: Any, customer: Any) -> None:
    asked, browser = api.ask(), customer()
    page = browser.get(asked["path"])

    assert "Continue as Asha Rao" in page.text
    assert browser.get(f"{asked['path']}/approve").status_code == 200
    assert trail(asked["id"]) == ["opened"]
    assert "Continue as" not in customer("20000001").get(asked["path"]).text


def test_looking_twice_is_noted_once(api: Any, bank_client: FreshClient, customer: Any) -> None:
    asked = api.ask()
    for browser in (bank_client, bank_client, customer(), customer("10000002")):
        browser.get(asked["path"])

    assert trail(asked["id"]) == ["opened"] * 3


def test_the_chosen_account_is_the_fullest(
    api: Any, customer: Any, second_account: UUID, account_of: Any
) -> None:
    page = customer().get(f"{api.ask()['path']}/approve").text
    chosen = re.search(r"<input checked[^>]*>", page)

    assert chosen
    assert str(account_of()) in chosen[0]


def test_a_session_names_its_decider(api: Any, customer: Any, approval: Any) -> None:
    asked = api.ask()
    form = approval()
    customer().submit(f"{asked['path']}/approve", **form)
    row = db.session.get_one(PaymentSession, UUID(asked["id"]))

    assert str(row.decision_key) == form["key"]
    assert row.decided_by is not None
    assert row.decided_at is not None
