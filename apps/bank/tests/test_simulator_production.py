"""In production there is no simulator, whatever its table says."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from flask import Flask
from pydantic import SecretStr

from batua_bank import create_app, seams
from batua_bank.outbox import announce
from batua_bank.simulator import calls, service
from batua_bank.simulator.service import Wanted, switch_on
from batua_config.settings import Settings
from batua_db.database import db, transaction
from batua_db.models.outbox import Dispatch
from batua_db.models.simulator import Fault, What
from batua_dev.client import fresh_client
from batua_dev.forms import form_with

ORIGIN = "https://bank.example"


@pytest.fixture
def app(settings: Settings, committed_banks: Any) -> Iterator[Flask]:
    """The bank in production."""
    real = {"APP_ENV": "production", "DATABASE_URL": SecretStr(committed_banks.url)}
    made = create_app(settings.model_copy(update={**real, "BANK_APP_URL": ORIGIN}))
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.mark.commits
def test_rows_in_the_table_do_nothing(
    app: Flask, settings: Settings, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for what in get_args(What):
        failure = "account_closed" if what == "payout_fails" else None
        switch_on(Wanted(what=what, bank="SBB", failure=failure), by="a test")
    for module in (service, calls):
        name = "fire" if module is service else "fire_now"
        monkeypatch.setattr(module, name, lambda *_: pytest.fail("a fault was looked for"))

    there = type(api)(fresh_client(app), settings)
    terms = there.terms(return_url="http://localhost:3001/back", reference="sim:api_500_before:x")
    path, body = "/api/v1/payment-sessions", json.dumps(terms).encode()
    answer = there.client.post(
        path,
        data=body,
        base_url=ORIGIN,
        content_type="application/json",
        headers={
            "Authorization": f"Bearer {there.sign('POST', path, body, 'k')}",
            "Idempotency-Key": "k",
        },
    )
    assert answer.status_code == 201, answer.text
    with app.app_context():
        with transaction():
            announce("wallet", "payment.succeeded", {"bank": "SBB", "reference": "r"})
        assert db.session.query(Dispatch).one().attempt_at
    db.session.expire_all()
    faults = db.session.query(Fault).all()
    assert len(faults) == len(get_args(What))
    assert {fault.fired for fault in faults} == {0}


@pytest.mark.commits
def test_nothing_is_put_around_anything(app: Flask) -> None:
    assert seams.EXTENSION not in app.extensions
    assert not any(rule.rule.startswith("/desk/simulator") for rule in app.url_map.iter_rules())
    browser = fresh_client(app)
    assert browser.get("/desk/simulator", base_url=ORIGIN).status_code == 404
    entered = {"username": "supervisor", "password": "desk-demo-1"}
    page = browser.get("/desk/login", base_url=ORIGIN)
    form = form_with(set(entered), page.text).values | entered
    answer = browser.post("/desk/login", base_url=ORIGIN, data=form, headers={"Referer": ORIGIN})
    assert answer.status_code == 303, answer.text
    desk = browser.get("/desk", base_url=ORIGIN)
    assert desk.status_code == 200
    assert "imulator" not in desk.text
    for endpoint in (*calls.SUBJECTS, "pay.approve"):
        made_in = app.view_functions[endpoint].__code__.co_filename
        assert not made_in.endswith("batua_bank/simulator/calls.py"), endpoint


def test_it_is_not_even_imported() -> None:
    code = "import sys, batua_bank; sys.exit('batua_bank.simulator' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
