"""The bank dies between any two steps; the same key again gives the one answer.

Every single point is gone through in this process; at a sample of them a real process is
killed, with PostgreSQL at the other end of the wire.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text

from batua_bank import demo
from batua_bank.api import service as api_service
from batua_bank.pay import capturing, lifecycle
from batua_bank.pay import service as pay
from batua_bank.pay.refusals import Used
from batua_bank.payouts import service as payouts
from batua_bank.refunds import service as refunds
from batua_db import ledger
from batua_db.database import db
from batua_db.models.bank import Customer, Payment, PaymentSession
from batua_db.models.outbox import Dispatch, Event
from batua_db.models.outgoing import Payout, Refund
from batua_db.money import Money
from batua_dev.dying import Point, dies

pytestmark = [pytest.mark.commits, pytest.mark.usefixtures("committed_banks")]
ASHA = demo.CUSTOMERS[0]
PAID = Money(500_00)
HALF = Money(250_00)  # a second refund of as much would be possible
Steps = dict[str, tuple[Any, str]]

COMMIT = (db.session, "commit")
MONEY = (ledger, "move")
APPROVING: Steps = {
    "hold": (lifecycle, "hold"),
    "mpin": (pay, "check_mpin"),
    "claim": (pay, "_claim"),
    "money": MONEY,
    "event": (capturing, "announce"),
    "payment": (capturing, "capture"),
    "note": (lifecycle, "note"),
    "commit": COMMIT,
}
DECLINING: Steps = {
    "claim": (pay, "_claim"),
    "note": (lifecycle, "note"),
    "event": (pay, "announce"),
    "commit": COMMIT,
}
ORDERING: Steps = {
    "order": (payouts, "order"),
    "answer": (api_service, "_keep"),
    "commit": COMMIT,
}
CARRYING_OUT: Steps = {
    "money": MONEY,
    "paid": (payouts, "_pay"),
    "decided": (payouts, "_decide"),
    "event": (payouts, "announce"),
    "commit": COMMIT,
}
REFUNDING: Steps = {
    "money": MONEY,
    "moved": (refunds, "_move"),
    "event": (refunds, "announce"),
    "answer": (api_service, "_keep"),
    "commit": COMMIT,
}
LAST = "after commit"


@pytest.fixture(autouse=True)
def at_the_bank(bank_app: Flask, committed_banks: Any) -> Iterator[None]:
    """What is called here runs in the bank's own app."""
    with bank_app.app_context():
        yield
        ledger.fold()
        assert db.session.scalar(text("SELECT sum(amount) FROM ledger.entry")) == 0
        assert db.session.query(Event).count() == db.session.query(Dispatch).count()
        db.session.remove()


def points(steps: Steps) -> Iterator[tuple[str, Point]]:
    """Both sides of every step, and what to call them."""
    for name, (owner, step) in steps.items():
        for side in ("before", "after"):
            yield f"{side} {name}", (owner, step, side)


def die(point: Point, act: Callable[[], Any]) -> None:
    """Act, and die at a point of it; what the process knew goes with it."""
    with dies(point) as died:
        act()
    assert died, "the step was never taken"
    db.session.remove()


def news_of(reference: str) -> list[str]:
    told = select(Event.type).where(Event.data["reference"].astext == reference)
    return list(db.session.scalars(told.order_by(Event.created_at)))


def rows(model: Any, **which: Any) -> int:
    return db.session.query(model).filter_by(**which).count()


@pytest.mark.parametrize("status", ["succeeded", "declined"])
def test_a_decision_is_made_once_wherever_it_is_cut_off(
    api: Any, account_of: Any, status: str
) -> None:
    customer = db.session.query(Customer).filter_by(number=ASHA.number).one().id
    for name, point in points(APPROVING if status == "succeeded" else DECLINING):
        asked, key, account = api.ask(), uuid4(), account_of()
        token, reference = asked["path"].removeprefix("/pay/"), asked["reference"]
        before = ledger.balance(account)

        def decide(key: UUID = key, token: str = token, account: UUID = account) -> str:
            asha = db.session.get_one(Customer, customer)
            if status == "declined":
                return pay.decline(asha, token, key=key)
            return pay.approve(asha, token, account=account, mpin=demo.MPIN, key=key)

        die(point, decide)
        session = db.session.get_one(PaymentSession, UUID(asked["id"]))
        assert session.status == (status if name == LAST else "open"), name
        assert rows(Payment, reference=reference) == (name == LAST and status == "succeeded")

        assert {decide() for _ in range(3)} == {asked["return_url"]}, name
        paid = PAID if status == "succeeded" else Money(0)
        assert ledger.balance(account) == before - paid, name
        assert rows(Payment, reference=reference) == (status == "succeeded"), name
        assert news_of(reference) == [f"payment.{status}"], name
        with pytest.raises(Used):
            decide(uuid4())


def test_a_payout_is_ordered_once_wherever_it_is_cut_off(api: Any, give: Any) -> None:
    give(Money(10_000_00))
    for name, point in points(ORDERING):
        asked = order()
        asks = asking("payouts", lambda asked=asked: payouts.of_payout(payouts.order(*asked)))

        die(point, asks)
        assert rows(Payout, reference=asked[1].reference) == (name == LAST), name

        answers = {json.dumps(asks()) for _ in range(3)}
        assert len(answers) == 1, name
        assert rows(Payout, reference=asked[1].reference) == 1, name


def test_a_payout_is_carried_out_once_wherever_it_is_cut_off(give: Any, account_of: Any) -> None:
    give(Money(10_000_00))
    for name, point in points(CARRYING_OUT):
        client, asked = order()
        ordered = payouts.order(client, asked).id
        db.session.commit()
        before = ledger.balance(account_of())

        die(point, payouts.carry_out)
        status = db.session.get_one(Payout, ordered).status
        assert status == ("succeeded" if name == LAST else "pending"), name

        payouts.carry_out()
        payouts.carry_out()
        db.session.expire_all()
        assert db.session.get_one(Payout, ordered).status == "succeeded", name
        assert ledger.balance(account_of()) == before + PAID, name
        assert news_of(asked.reference) == ["payout.succeeded"], name


def test_a_payment_is_refunded_once_wherever_it_is_cut_off(
    api: Any, account_of: Any, pays: Callable[[], Payment]
) -> None:
    for name, point in points(REFUNDING):
        payment = pays()
        payment_id, reference, before = payment.id, payment.reference, ledger.balance(account_of())
        asks = asking(
            "refunds",
            lambda id_=payment_id: refunds.refund("wallet", id_, amount=HALF, reason="Back"),
        )

        die(point, asks)
        assert rows(Refund, payment_id=payment_id) == (name == LAST), name

        assert len({json.dumps(asks()) for _ in range(3)}) == 1, name
        assert rows(Refund, payment_id=payment_id) == 1, name
        assert ledger.balance(account_of()) == before + HALF, name
        assert news_of(reference) == ["payment.succeeded", "refund.succeeded"], name


def order() -> tuple[str, payouts.Order]:
    """An order of the wallet's that nothing is wrong with."""
    return "wallet", payouts.Order(
        amount=PAID,
        bank="SBB",
        account_number=ASHA.account,
        ifsc=ASHA.bank.ifsc,
        holder=ASHA.name,
        reference=str(uuid4()),
    )


def asking(what: str, act: Callable[[], dict[str, Any]]) -> Callable[[], tuple[int, str]]:
    """A write as the API makes it, under a key of its own, as often as it is asked for."""
    call = api_service.Call("wallet", f"{what}:{uuid4()}", b"terms")

    def ask() -> tuple[int, str]:
        given = api_service.answer_once(call, lambda: api_service.Answer(201, json.dumps(act())))
        return given.status, given.body

    return ask


@pytest.fixture
def give(at_the_bank: None, account_of: Any, platform: Any) -> Callable[[Money], None]:
    """``give(amount)``: the platform collects so much at SBB."""

    def collect(amount: Money) -> None:
        ledger.move(amount, debit=account_of(), credit=platform(), kind="payment", key="first")
        db.session.commit()

    return collect


@pytest.fixture
def pays(at_the_bank: None, api: Any, account_of: Any) -> Callable[[], Payment]:
    """``pays()``: Asha pays ₹500."""

    def approve() -> Payment:
        asked = api.ask()
        asha = db.session.query(Customer).filter_by(number=ASHA.number).one()
        token = asked["path"].removeprefix("/pay/")
        pay.approve(asha, token, account=account_of(), mpin=demo.MPIN, key=uuid4())
        return db.session.query(Payment).filter_by(reference=asked["reference"]).one()

    return approve
