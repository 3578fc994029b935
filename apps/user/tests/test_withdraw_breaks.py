"""Withdrawing while others move money, and while the bank answers as no bank should."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from batua_db import fields, ledger
from batua_db.database import db, transaction
from batua_db.models.payments import LinkedAccount, Payout
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_dev.client import FreshClient
from batua_dev.testing import Committed
from batua_user.house import in_flight
from batua_user.notices.service import tell
from batua_user.payouts import asking
from batua_user.withdrawals import service

from .helpers import PIN, Balance, MakeUser
from .stub import Stub
from .the_bank import TheBank


@pytest.fixture
def account(rich: User) -> UUID:
    """Asha's account at the bank, linked; she has ₹1,000."""
    number = "018100004471"
    row = LinkedAccount(
        id=uuid4(),
        user_id=rich.id,
        bank_code="SBB",
        ifsc="SBBT0000181",
        holder=rich.name,
        number_sealed=fields.seal(number),
        number_hash=fields.fingerprint(number),
        last_digits=number[-4:],
        usable_at=func.now(),
    )
    with transaction():
        db.session.add(row)
    return row.id


@pytest.fixture
def leaving(rich: User, account: UUID, stub: Stub, bank_at: Any) -> UUID:
    """₹500 of Asha's that have left her wallet; the bank has yet to be asked."""
    bank_at(stub.url)
    payout_id = prepare(rich, account)
    service.pay(rich, payout_id, pin=PIN)
    return payout_id


def prepare(user: User, account: UUID) -> UUID:
    return service.prepare(user, amount=Money(500_00), bank_account=account, key=uuid4())


def state() -> str:
    db.session.commit()
    return db.session.scalars(select(Payout.state)).one()


def at_bank(payout_id: UUID, **other: Any) -> dict[str, Any]:
    """A payout, as the bank tells it."""
    return {
        "id": "a-payout",
        "reference": str(payout_id),
        "amount": 500_00,
        "currency": "INR",
        "bank": "SBB",
        "status": "succeeded",
        "failure": None,
        **other,
    }


@pytest.mark.commits
@pytest.mark.usefixtures("committed")
def test_money_that_comes_and_money_that_goes_wait_for_each_other(
    rich: User, account: UUID, user_app: Flask, committed: Committed
) -> None:
    payout_id, mine = prepare(rich, account), rich.id
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")

    def go() -> None:
        with user_app.app_context():
            service.pay(db.session.get_one(User, mine), payout_id, pin=PIN)

    with ThreadPoolExecutor(1) as pool, committed.engine.connect() as watch:
        with transaction():
            ledger.lock([rich.account_id])  # as what credits them does
            gone = pool.submit(go)
            while not gone.done() and not watch.scalar(waits):
                watch.rollback()
            tell(mine, "topup", "₹5.00 added", path="/")  # as it does then
        gone.result()

    assert state() == "in_flight"


@pytest.mark.usefixtures("session")
class TestTheBank:
    @pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 410, 429, 500, 503])
    def test_what_it_would_not_say_to_an_order_ends_nothing(
        self, leaving: UUID, stub: Stub, status: int, rich: User, balance: Balance
    ) -> None:
        stub.refuses(status)

        asking.ask(leaving)

        assert (state(), balance(rich)) == ("in_flight", Money(500_00))

    @pytest.mark.parametrize(
        "body", [b"<h1>Hello</h1>", b"", b"[]", b"null", b'{"id": "a-payout", "status"', b"\xff"]
    )
    @pytest.mark.parametrize("status", [200, 201, 404, 422])
    def test_what_cannot_be_read_ends_nothing(
        self, leaving: UUID, stub: Stub, status: int, body: bytes
    ) -> None:
        stub.says(status, body)

        asking.ask(leaving)

        assert state() == "in_flight"

    @pytest.mark.parametrize(
        "lie",
        [
            {"amount": 499_99},
            {"amount": 5_000_00, "status": "failed"},
            {"bank": "CCB"},
            {"reference": str(uuid4())},
        ],
    )
    def test_another_payout_than_was_ordered_ends_nothing(
        self, leaving: UUID, stub: Stub, the_bank: TheBank, lie: dict[str, Any]
    ) -> None:
        kind = f"payout.{lie.get('status', 'succeeded')}"
        stub.says(201, at_bank(leaving, **lie))

        asking.ask(leaving)

        assert the_bank.tell(at_bank(leaving, **lie), kind).status_code == 200
        assert state() == "in_flight"
        assert ledger.balance(in_flight()) == Money(500_00)

    def test_two_payouts_under_one_name_are_not_taken_for_one(
        self, leaving: UUID, stub: Stub, the_bank: TheBank
    ) -> None:
        stub.says(201, at_bank(leaving, status="pending"))
        asking.ask(leaving)

        failed = at_bank(leaving, id="another", status="failed", failure="unknown_account")
        assert the_bank.tell(failed, "payout.failed").status_code == 200
        assert state() == "in_flight"

        assert the_bank.tell(at_bank(leaving), "payout.succeeded").status_code == 200
        assert state() == "paid"

    def test_news_before_it_was_asked_is_about_nothing_of_ours(
        self, leaving: UUID, the_bank: TheBank
    ) -> None:
        assert the_bank.tell(at_bank(leaving), "payout.succeeded").status_code == 200

        assert state() == "in_flight"

    def test_an_account_that_cannot_be_read_is_not_paid_and_breaks_no_page(
        self, leaving: UUID, stub: Stub, browser: FreshClient
    ) -> None:
        stub.says(201, at_bank(leaving))
        with transaction():
            row = db.session.scalars(select(LinkedAccount)).one()
            row.number_sealed = row.number_sealed[:-1]

        page = browser.get(f"/withdraw/{leaving}")

        assert page.status_code == 200
        assert 'data-state="in_flight"' in page.text
        assert not stub.asked

    def test_what_cannot_come_back_waits_and_says_so(
        self, leaving: UUID, stub: Stub, rich: User, browser: FreshClient, make_user: MakeUser
    ) -> None:
        ravi = make_user()
        with transaction():
            ledger.move(
                Money(500_00),
                debit=rich.account_id,
                credit=ravi.account_id,
                kind="send",
                key="the rest",
            )
        with transaction():
            ledger.set_status(rich.account_id, "closed")
        stub.says(201, at_bank(leaving, status="failed", failure="unknown_account"))

        page = browser.get(f"/withdraw/{leaving}")

        assert page.status_code == 200
        assert 'data-state="in_flight"' in page.text
        asking.ask(leaving)
        assert state() == "in_flight"
