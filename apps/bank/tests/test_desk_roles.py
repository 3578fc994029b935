"""Every page of the desk, walked by everybody: strangers, customers, and each role."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from batua_bank.desk import access
from batua_bank.desk.reversals import service as reversals
from batua_db.database import db
from batua_db.models.bank import BankAccount
from batua_db.models.outgoing import Payout
from batua_dev.client import FreshClient
from batua_ui.desk import guard

from .desk import AccountOf, AtDesk, GetStaff, deposit, inr

pytestmark = pytest.mark.usefixtures("banks")

BOTH = {"operator", "supervisor"}
POSTS = {
    "desk.customers.new": BOTH,
    "desk.customers.account": BOTH,
    "desk.customers.sign_in": BOTH,
    "desk.accounts.cash": BOTH,
    "desk.accounts.status": BOTH,
    "desk.reversals.propose": BOTH,
    "desk.reversals.decide": {"supervisor"},
    "desk.banks.new": {"supervisor"},
}
WALKED_ELSEWHERE = (access.CLIENTS, "desk.simulator.")  # whose rules are about the client, too
LED_ON = {"desk.books.choose"}  # leads to the day that was chosen


@pytest.fixture
def subjects(api: Any, account_of: AccountOf, staff: GetStaff) -> dict[str, Any]:
    """Something for each kind of address."""
    account, operator = account_of(), staff()
    moved, payout = deposit(operator, account), uuid4()
    half = {"amount": inr("50"), "reason": "Counted twice", "key": uuid4()}
    reversal = reversals.propose(operator, moved, **half)
    to = {"account_number": "018100009020", "ifsc": "SBBB0000181", "holder": "Ravi Kumar"}
    terms = {"client": "wallet", "bank_code": "SBB", "reference": "r-1", "amount": inr("5")}
    db.session.add(Payout(id=payout, **terms, **to))
    db.session.commit()
    return {
        "customer_id": db.session.get_one(BankAccount, account).customer_id,
        "account_id": account,
        "transfer_id": moved,
        "session_id": api.ask()["id"],
        "payout_id": payout,
        "reversal_id": reversal,
        "code": "SBB",
        "on": "2026-01-02",
    }


def addresses(app: Flask, subjects: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Each page of the desk but its door: endpoint, method, path."""
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            if not rule.endpoint.startswith("desk.") or rule.endpoint in guard.OPEN:
                continue
            if rule.endpoint.startswith(WALKED_ELSEWHERE):
                continue
            values = {name: subjects[name] for name in rule.arguments}
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                path = adapter.build(rule.endpoint, values, method=method)
                yield rule.endpoint, method, path


def token_of(browser: FreshClient, csrf: Callable[[str], str]) -> str:
    return csrf(browser.get("/desk").text)


def test_strangers_and_customers_are_led_to_the_door(
    bank_app: Flask, bank_client: FreshClient, customer: Any, subjects: dict[str, Any]
) -> None:
    for browser in (bank_client, customer()):
        for endpoint, method, path in addresses(bank_app, subjects):
            answer = browser.open(path, method=method)

            assert answer.status_code == 303, (endpoint, method)
            assert answer.location.startswith("/desk/login"), (endpoint, method)


def test_each_role_sees_and_sends_what_its_line_says(
    bank_app: Flask, at_desk: AtDesk, csrf: Callable[[str], str], subjects: dict[str, Any]
) -> None:
    sent_by: dict[str, set[str]] = {}
    for role in ("operator", "supervisor", "auditor", "developer"):
        browser = at_desk(role)
        token = token_of(browser, csrf)
        for endpoint, method, path in addresses(bank_app, subjects):
            if endpoint in guard.LEAVING | LED_ON:
                continue
            answer = browser.open(path, method=method, data={"csrf_token": token})

            allowed = role in access.MAY[endpoint]
            if method == "POST":
                sent_by.setdefault(endpoint, set()).update({role} if allowed else ())
                allowed = allowed and role != "auditor"
            # What is let through is shown, or refused for what its form lacks.
            wanted = {200, 422} if allowed else {403}
            assert answer.status_code in wanted, (role, endpoint, method, answer.text)
            assert answer.headers["Cache-Control"] == "no-store"
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert sent_by == POSTS


def test_nothing_is_taken_without_a_token_or_from_another_site(
    bank_app: Flask, at_desk: AtDesk, csrf: Callable[[str], str], subjects: dict[str, Any]
) -> None:
    browser = at_desk("supervisor")
    token = token_of(browser, csrf)
    elsewhere = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}

    for endpoint, method, path in addresses(bank_app, subjects):
        if method == "POST":
            assert browser.post(path, data={"reason": "because"}).status_code == 400, endpoint
            sent = browser.post(path, data={"csrf_token": token}, headers=elsewhere)
            assert sent.status_code == 403, endpoint


def test_what_does_not_exist_is_404(
    bank_app: Flask, at_desk: AtDesk, csrf: Callable[[str], str], subjects: dict[str, Any]
) -> None:
    nothing = {name: uuid4() for name in subjects} | {"code": "XYZ", "on": "2026-01-02"}
    browser = at_desk("supervisor")
    data = {
        "csrf_token": token_of(browser, csrf),
        "reason": "to see what happens",
        "note": "to see what happens",
        "decision": "approve",
        "amount": "1",
        "way": "in",
        "label": "Savings",
        "becomes": "frozen",
        "key": str(uuid4()),
    }

    for endpoint, method, path in addresses(bank_app, nothing):
        if any(str(each) in path for each in nothing.values()):
            answer = browser.open(path, method=method, data=data)
            assert answer.status_code == 404, (endpoint, method, answer.status_code)
