"""Many decisions of one session at once: one wins, and the money moves once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from batua_bank import demo
from batua_bank.pay import queries
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.bank import Payment, PaymentSession
from batua_db.models.outbox import Event
from batua_db.money import Money
from batua_dev.client import FreshClient, fresh_client

pytestmark = [pytest.mark.commits, pytest.mark.usefixtures("committed_banks")]


@pytest.fixture
def at_once(bank_app: Flask, customer: Any, csrf: Any) -> Callable[..., list[Any]]:
    """Send forms at the same moment, each from a tab of one browser."""
    browser: FreshClient = customer()

    def send(path: str, forms: list[dict[str, str]]) -> list[Any]:
        token = csrf(browser.get(path).text)
        cookie = browser.get_cookie("batua_bank")
        assert cookie
        together = Barrier(len(forms))

        def click(form: dict[str, str]) -> Any:
            tab = fresh_client(bank_app)
            tab.set_cookie("batua_bank", cookie.value)
            together.wait()
            return tab.post(path, data={**form, "csrf_token": token})

        with ThreadPoolExecutor(len(forms)) as pool:
            return list(pool.map(click, forms))

    return send


def moved_once(account: Any) -> None:
    assert ledger.balance(account) == demo.FUNDS - Money(500_00)
    assert db.session.query(Payment).count() == 1
    assert [event.type for event in db.session.query(Event)] == ["payment.succeeded"]


def test_twenty_approvals_with_one_key_debit_once(
    api: Any, at_once: Any, approval: Any, account_of: Any
) -> None:
    asked = api.ask()
    answers = at_once(f"{asked['path']}/approve", [approval(key=str(uuid4()))] * 20)

    # 503 asks to send it again; nothing else than the one answer is ever given.
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {303, 503}
    assert {a.location for a in answers if a.status_code == 303} == {asked["return_url"]}
    moved_once(account_of())


def test_twenty_approvals_with_keys_of_their_own_debit_once(
    api: Any, at_once: Any, approval: Any, account_of: Any
) -> None:
    asked = api.ask()
    answers = at_once(f"{asked['path']}/approve", [approval() for _ in range(20)])

    statuses = Counter(answer.status_code for answer in answers)
    assert statuses[303] == 1
    assert set(statuses) <= {303, 409, 503}
    moved_once(account_of())


def test_approving_and_declining_at_once_is_one_of_the_two(
    api: Any, at_once: Any, approval: Any, account_of: Any, platform: Any
) -> None:
    forms = [approval(action=action) for action in ("approve", "decline") * 5]
    asked = api.ask()
    answers = at_once(f"{asked['path']}/approve", forms)

    assert sum(answer.status_code == 303 for answer in answers) == 1
    status = api.get(f"/payment-sessions/{asked['id']}").get_json()["status"]
    paid = 500_00 if status == "succeeded" else 0
    assert ledger.balance(platform()) == Money(paid)
    assert [event.type for event in db.session.query(Event)] == [f"payment.{status}"]


def test_two_sessions_at_once_cannot_spend_the_same_money(
    api: Any, at_once: Any, approval: Any, account_of: Any, customer: Any
) -> None:
    first, second = api.ask(amount=30_000_00), api.ask(amount=30_000_00)
    one = at_once(f"{first['path']}/approve", [approval()])
    two = at_once(f"{second['path']}/approve", [approval()])

    assert sorted(answer.status_code for answer in one + two) == [303, 422]
    assert ledger.balance(account_of()) == Money(20_000_00)


def test_what_was_approved_in_time_is_not_called_expired_while_it_commits(
    api: Any, bank_app: Flask
) -> None:
    session_id = UUID(api.ask()["id"])
    mine = update(PaymentSession).where(PaymentSession.id == session_id)
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    over = select(PaymentSession.expires_at < func.clock_timestamp())

    def look() -> str | None:
        with bank_app.app_context():
            found = queries.by_id("wallet", session_id)
            return found and found.status

    with transaction():
        soon = func.clock_timestamp() + timedelta(milliseconds=100)
        db.session.execute(mine.values(expires_at=soon))
    with ThreadPoolExecutor(1) as pool, transaction():
        db.session.execute(mine.values(status="succeeded"))
        while not db.session.scalar(over):
            pass
        asking = pool.submit(look)
        while not db.session.scalar(waits):
            assert not asking.done()
    assert asking.result() == "succeeded"
