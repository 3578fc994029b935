"""What is refused on the approve page, and that nothing happens then."""

from typing import Any
from uuid import UUID

import pytest

from batua_bank import demo
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.outbox import Event

pytestmark = pytest.mark.usefixtures("banks")

FUNDS = demo.FUNDS


def events() -> int:
    return db.session.query(Event).count()


def test_too_little_money_is_said_and_nothing_changes(
    api: Any, customer: Any, approval: Any, account_of: Any, second_account: UUID
) -> None:
    asked, browser = api.ask(amount=60_000_00), customer()
    page = browser.get(f"{asked['path']}/approve")
    answer = browser.submit(f"{asked['path']}/approve", **approval())

    assert page.text.count("not enough") == 2
    assert page.text.count("disabled") == 2
    assert answer.status_code == 422
    assert "Savings ··4471 is short by ₹10,000.00" in answer.text
    assert ledger.balance(account_of()) == FUNDS
    assert events() == 0
    assert api.get(f"/payment-sessions/{asked['id']}").get_json()["status"] == "open"


def test_an_account_that_is_too_small_leaves_the_session_open(
    api: Any, customer: Any, approval: Any, second_account: UUID
) -> None:
    asked, browser = api.ask(), customer()
    small = browser.submit(f"{asked['path']}/approve", **approval(account=str(second_account)))
    large = browser.submit(f"{asked['path']}/approve", **approval())

    assert (small.status_code, large.status_code) == (422, 303)


def test_a_frozen_account_cannot_pay(
    api: Any, customer: Any, approval: Any, account_of: Any
) -> None:
    with transaction():
        ledger.set_status(account_of(), "frozen")
    asked, browser = api.ask(), customer()
    page = browser.get(f"{asked['path']}/approve")
    answer = browser.submit(f"{asked['path']}/approve", **approval())

    assert "Frozen: ask your branch" in page.text
    assert answer.status_code == 422
    assert "frozen" in answer.text
    assert events() == 0


@pytest.mark.parametrize("number", ["10000002", "20000001"])
def test_only_own_accounts_can_pay(
    api: Any, customer: Any, approval: Any, account_of: Any, number: str
) -> None:
    asked = api.ask()
    answer = customer().submit(
        f"{asked['path']}/approve", **approval(account=str(account_of(number)))
    )

    assert answer.status_code == 422
    assert ledger.balance(account_of(number)) == FUNDS
    assert events() == 0


@pytest.mark.parametrize(
    "extra",
    [{"amount": "1"}, {"currency": "USD"}, {"return_url": "https://evil.example"}, {"x": ""}],
)
@pytest.mark.parametrize("action", ["approve", "decline"])
def test_terms_in_the_form_are_refused(
    api: Any, customer: Any, approval: Any, extra: dict[str, str], action: str, csrf: Any
) -> None:
    asked, browser = api.ask(), customer()
    token = csrf(browser.get(f"{asked['path']}/approve").text)
    form = {**approval(action=action), "csrf_token": token}
    answer = browser.post(f"{asked['path']}/approve", data={**form, **extra})

    assert answer.status_code == 422
    assert events() == 0


@pytest.mark.parametrize(
    "change",
    [{"action": "steal"}, {"action": ""}, {"key": "x"}, {"key": ""}, {"account": "x"},
     {"account": ""}, {"mpin": ""}, {"mpin": "12345"}, {"mpin": "१३५७९०"}],
)  # fmt: skip
def test_a_form_that_is_not_whole_is_refused(
    api: Any, customer: Any, approval: Any, change: dict[str, str]
) -> None:
    asked = api.ask()
    answer = customer().submit(f"{asked['path']}/approve", **approval(**change))

    assert answer.status_code == 422
    assert "notice bad" in answer.text
    assert events() == 0


def test_terms_in_the_address_are_refused(
    api: Any, customer: Any, approval: Any, csrf: Any
) -> None:
    asked, browser = api.ask(), customer()
    token = csrf(browser.get(f"{asked['path']}/approve").text)
    answer = browser.post(
        f"{asked['path']}/approve?amount=1", data={**approval(), "csrf_token": token}
    )

    assert answer.status_code == 422
    assert events() == 0


def test_approval_needs_the_form_of_this_browser(api: Any, customer: Any, approval: Any) -> None:
    asked = api.ask()

    assert customer().post(f"{asked['path']}/approve", data=approval()).status_code in {400, 422}
    assert events() == 0
