"""Demo data: made once, however often it is asked for, and never in production."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from batua_bank import demo
from batua_config.current import EXTENSION
from batua_config.settings import Settings
from batua_db import ledger
from batua_db.database import db
from batua_db.models.bank import Bank, BankAccount, Customer
from batua_db.models.ledger import Account
from batua_db.money import Money


@pytest.mark.usefixtures("banks")
def test_the_demo_is_what_it_says(account_of: Any) -> None:
    demo.seed()

    banks = {bank.code: bank.name for bank in db.session.query(Bank)}
    assert banks == {"SBB": "State Bank of Batua", "CCB": "Coastal Commerce Bank"}
    customers = {each.number: each.bank_code for each in db.session.query(Customer)}
    assert customers == {"10000001": "SBB", "10000002": "SBB", "20000001": "CCB"}
    assert [ledger.balance(account_of(number)).paise for number in customers] == [50_000_00] * 3
    platforms = db.session.query(Account).filter_by(kind="platform").all()
    assert len(platforms) == 2
    assert all(each.hot and each.floor == Money(0) for each in platforms)


@pytest.mark.commits
def test_seeding_at_once_makes_it_once(committed_banks: Any, bank_app: Flask) -> None:
    def seed(_: int) -> None:
        with bank_app.app_context():
            demo.seed()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(seed, range(4)))

    assert db.session.query(BankAccount).count() == 3
    assert db.session.query(Account).count() == 7


def test_production_is_never_seeded(
    bank_app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch, session: Any
) -> None:
    real = settings.model_copy(update={"APP_ENV": "production"})
    monkeypatch.setitem(bank_app.extensions, EXTENSION, real)
    with bank_app.app_context(), pytest.raises(RuntimeError):
        demo.seed()

    assert db.session.query(Bank).count() == 0
