"""Real processes of the bank, killed in the midst of a step; another one gives the answer."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests
from flask import Flask
from sqlalchemy import select

from batua_bank import demo
from batua_bank.payouts.service import carry_out
from batua_config.settings import Settings
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.bank import Payment, PaymentSession
from batua_db.models.outbox import Event
from batua_db.models.outgoing import Payout, Refund
from batua_db.money import Money
from batua_dev.processes import Family
from batua_dev.system import environment_of, free_port, until

pytestmark = [pytest.mark.commits, pytest.mark.usefixtures("committed_banks")]
ASHA = demo.CUSTOMERS[0]
STEPS = {
    "approving": "batua_bank.pay.capturing:capture",
    "refunding": "batua_bank.refunds.service:_move",
    "ordering": "batua_bank.api.service:_keep",
    "worker": "batua_bank.payouts.service:_pay",
}


class Mortals:
    """Processes of the bank that die after a step, and where they are."""

    def __init__(self, family: Family, environment: dict[str, str]) -> None:
        self.ports = {name: str(free_port()) for name in STEPS if name != "worker"}
        told = [word for name in STEPS for word in (self.ports.get(name, name), STEPS[name])]
        command = [sys.executable, "-m", "batua_dev.mortal", *told]
        self.parent = family.spawn("mortal", command, env=environment, output=subprocess.DEVNULL)

    def kill(self, name: str, path: str, **options: Any) -> None:
        """Post there, which is the last that the process hears."""
        db.session.rollback()
        url = f"http://localhost:{self.ports[name]}"
        until(lambda: serves(url), "it did not start", seconds=60)
        with pytest.raises(requests.ConnectionError):
            requests.post(url + path, timeout=20, allow_redirects=False, **options)
        assert not serves(url)

    def all_died_of_it(self) -> bool:
        return self.parent.process.wait(timeout=20) == 0


@pytest.fixture
def mortals(settings: Settings, committed_banks: Any) -> Iterator[Mortals]:
    family = Family()
    urls = {"DATABASE_URL": committed_banks.url, "REDIS_URL": settings.redis_url}
    yield Mortals(family, environment_of(settings, urls))
    family.close()


def serves(url: str) -> bool:
    try:
        return requests.get(f"{url}/healthz", timeout=1).ok
    except requests.ConnectionError:
        return False


def test_a_killed_process_leaves_the_answer_to_the_next(
    mortals: Mortals, api: Any, customer: Any, csrf: Any, approval: Any, account_of: Any,
    platform: Any, bank_app: Flask,
) -> None:  # fmt: skip
    """Approving, refunding, ordering and carrying out, each in a process that dies of it."""
    with transaction():
        collected = Money(900_00)
        ledger.move(collected, debit=account_of(), credit=platform(), kind="payment", key="first")
    before = ledger.balance(account_of())
    browser, asked = customer(), api.ask()
    path = f"{asked['path']}/approve"
    form = approval(csrf_token=csrf(browser.get(path).text))

    mortals.kill("approving", path, data=form, cookies=cookies(browser))
    assert status_of(asked) == "open"
    answers = [browser.post(path, data=form) for _ in range(2)]
    assert {answer.location for answer in answers} == {asked["return_url"]}
    payment = db.session.query(Payment).filter_by(reference=asked["reference"]).one().id
    assert ledger.balance(account_of()) == before - Money(500_00)

    refund = {"amount": 500_00, "reason": "Back"}
    repeated(api, mortals, "refunding", f"/payments/{payment}/refunds", refund)
    assert db.session.query(Refund).count() == 1
    assert ledger.balance(account_of()) == before

    repeated(api, mortals, "ordering", "/payouts", order(asked["reference"]))
    assert db.session.query(Payout).count() == 1

    db.session.rollback()
    assert mortals.all_died_of_it()  # the worker too, once there was a payout
    assert payout() == "pending"
    with bank_app.app_context():
        assert (carry_out(), carry_out()) == (1, 0)
    assert payout() == "succeeded"
    assert ledger.balance(account_of()) == before + Money(100_00)
    told = db.session.scalars(select(Event.type).order_by(Event.created_at)).all()
    assert told == ["payment.succeeded", "refund.succeeded", "payout.succeeded"]


def repeated(api: Any, mortals: Mortals, name: str, path: str, terms: dict[str, Any]) -> None:
    """Send a write to a process that dies of it, and again, with its key, to another."""
    key, body = str(uuid4()), json.dumps(terms).encode()
    headers = {
        "Authorization": f"Bearer {api.sign('POST', f'/api/v1{path}', body, key)}",
        "Idempotency-Key": key,
        "Content-Type": "application/json",
    }
    mortals.kill(name, f"/api/v1{path}", data=body, headers=headers)
    first, again = (api.post(path, body, key=key) for _ in range(2))
    assert first.status_code == again.status_code == 201, first.text
    assert first.data == again.data
    assert "Idempotent-Replay" not in first.headers


def order(reference: str) -> dict[str, Any]:
    return {
        "amount": 100_00,
        "currency": "INR",
        "bank": "SBB",
        "account_number": ASHA.account,
        "ifsc": ASHA.bank.ifsc,
        "holder": ASHA.name,
        "reference": reference,
    }


def cookies(browser: Any) -> dict[str, str]:
    cookie = browser.get_cookie("batua_bank")
    return {"batua_bank": cookie.value}


def status_of(asked: dict[str, Any]) -> str:
    mine = select(PaymentSession.status).where(PaymentSession.reference == asked["reference"])
    return db.session.scalars(mine).one()


def payout() -> str:
    db.session.expire_all()
    return db.session.query(Payout).one().status
