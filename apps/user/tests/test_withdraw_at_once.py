"""Withdrawals, many at once, and their news from both sides at the same instant."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from batua_bank import demo
from batua_db import credentials, ledger
from batua_db.database import db, transaction
from batua_db.models.bank import Bank as TheirBank
from batua_db.models.ledger import Transfer
from batua_db.models.outbox import Event
from batua_db.models.payments import Payout
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_dev.client import FreshClient, fresh_client
from batua_user import steps
from batua_user.house import in_flight
from batua_user.payouts import asking
from batua_user.webhooks import service as webhooks
from batua_user.withdrawals import service

from .helpers import PIN, Balance, cookie_of, linked_account, prepare, token_of
from .next_door import NextDoor
from .the_bank import letter, platform_at

pytestmark = [pytest.mark.commits, pytest.mark.usefixtures("committed")]
T = TypeVar("T")


def all_at_once(app: Flask, jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Let each job go in a thread of its own, all at the same instant."""
    start = Barrier(len(jobs))

    def go(job: Callable[[], T]) -> T:
        with app.app_context():
            start.wait(30)
            return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(go, jobs))


def many(app: Flask, browser: FreshClient, orders: Sequence[str]) -> list[int]:
    """Send the PIN to each of ``orders``, as many at a time as an app has threads."""
    form = {"csrf_token": token_of(browser.get("/settings")), "pin": PIN}
    cookie = cookie_of(browser)

    def pay(where: str) -> int:
        one = fresh_client(app)
        one.set_cookie("batua_user", cookie)
        status = 503
        for _ in range(20):
            status = one.post(where, data=form).status_code
            if status != 503:  # too many wait for the same purse: they may try again
                break
        return status

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(pay, orders))


def order(user: User, account: UUID, amount: str) -> UUID:
    return service.prepare(user, amount=Money.parse(amount), bank_account=account, key=uuid4())


def flying() -> Money:
    db.session.commit()
    with transaction():
        return ledger.balance(in_flight())


@pytest.fixture
def quick_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a PIN is worth is shown elsewhere, and takes its time on purpose."""
    monkeypatch.setattr(credentials, "verify_pin", lambda _hash, pin: pin == PIN)


@pytest.mark.usefixtures("nowhere", "quick_pins")
class TestMany:
    def test_of_thirty_sends_and_withdrawals_there_is_money_for_ten(
        self, user_app: Flask, browser: FreshClient, rich: User, ravi: User, balance: Balance
    ) -> None:
        account = linked_account(rich, "018100004471")
        orders = [prepare(browser, ravi, "100") for _ in range(15)]
        orders += [f"/withdraw/{order(rich, account, '100')}" for _ in range(15)]

        answers = many(user_app, browser, orders)

        assert Counter(answers) == {303: 10, 422: 20}
        assert (balance(rich), balance(ravi) + flying()) == (Money(0), Money(1_000_00))

    def test_the_last_rupee_is_withdrawn_once(
        self, user_app: Flask, browser: FreshClient, rich: User, balance: Balance
    ) -> None:
        account = linked_account(rich, "018100004471")
        service.pay(rich, order(rich, account, "999"), pin=PIN)
        orders = [f"/withdraw/{order(rich, account, '1')}" for _ in range(20)]

        answers = many(user_app, browser, orders)

        assert Counter(answers) == {303: 1, 422: 19}
        assert (balance(rich), flying()) == (Money(0), Money(1_000_00))


@pytest.mark.parametrize(
    ("number", "ends"), [(demo.CUSTOMERS[0].account, "paid"), ("018100000000", "returned")]
)
def test_who_asks_and_who_is_told_at_the_same_instant_book_it_once(
    user_app: Flask, door: NextDoor, rich: User, balance: Balance, number: str, ends: str
) -> None:
    bank = db.session.get_one(TheirBank, "SBB")
    with transaction():
        ledger.move(
            Money(1_000_00),
            debit=bank.cash_account,
            credit=platform_at("SBB"),
            kind="payment",
            key="asha",
        )
    payout_id = order(rich, linked_account(rich, number), "400")
    service.pay(rich, payout_id, pin=PIN)
    asking.ask(payout_id)
    door.work()
    news = letter(db.session.scalars(select(Event)).one())

    all_at_once(
        user_app,
        [
            *[lambda: asking.ask(payout_id)] * 4,
            *[lambda: webhooks.receive(*news)] * 2,
            *[lambda: webhooks.receive(uuid4().hex, news[1])] * 2,
        ],
    )

    db.session.commit()
    assert db.session.get_one(Payout, payout_id).state == ends
    booked = select(Transfer.kind).where(Transfer.key.startswith(f"withdrawal:{payout_id}"))
    assert sorted(db.session.scalars(booked)) == ["withdrawal", f"withdrawal_{ends}"]
    assert [step.what for step in steps.of(payout_id)] == ["taken", "ordered", ends]
    left = Money(600_00) if ends == "paid" else Money(1_000_00)
    assert (balance(rich), flying()) == (left, Money(0))
