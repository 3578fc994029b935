"""Businesses, many at once: real threads, and nothing made up or lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from batua_db import credentials, ledger
from batua_db.database import db, transaction
from batua_db.errors import DomainError
from batua_db.models.payments import LinkedAccount, Merchant, Payment, Payout, Refund
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_user.house import fees, in_flight
from batua_user.merchants import refunds
from batua_user.payments import links, service
from batua_user.settlements import service as settlements

from .helpers import PIN, MakeUser
from .shops import moves, open_shop, takings

pytestmark = [pytest.mark.commits, pytest.mark.usefixtures("committed")]
LASTS = timedelta(minutes=5)
THREADS = 12  # fewer than connections


@pytest.fixture(autouse=True)
def quick_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a PIN is worth is shown elsewhere, and takes its time on purpose."""
    monkeypatch.setattr(credentials, "verify_pin", lambda _hash, pin: pin == PIN)


@pytest.fixture
def owner(make_user: MakeUser) -> User:
    return make_user("Ravi Kumar")


@pytest.fixture
def shop(owner: User) -> Merchant:
    with transaction():  # opened before, as they are in a house that has run for a day
        in_flight()
        fees()
    return open_shop(owner)


@pytest.fixture
def account(owner: User) -> UUID:
    linked = LinkedAccount(
        id=uuid4(),
        user_id=owner.id,
        bank_code="SBB",
        ifsc="SBBB0000001",
        holder=owner.name,
        number_sealed=b"sealed",
        number_hash=b"hash",
        last_digits="4471",
        usable_at=func.now(),
    )
    with transaction():
        db.session.add(linked)
    return linked.id


def prepare(payer: User, shop: Merchant, rupees: int, token: str | None = None) -> UUID:
    terms: dict[str, Any] = {"amount": Money(rupees * 100), "note": "", "token": token}
    return service.prepare(payer, shop, key=uuid4(), **terms)


def at_once(app: Flask, calls: list[Callable[[], Any]]) -> list[Any]:
    """Make calls in threads, the first of them together; what they raised is their answer."""
    threads = min(len(calls), THREADS)
    together = Barrier(threads)
    db.session.commit()

    def make(n: int) -> Any:
        with app.app_context():
            if n < threads:
                together.wait()
            try:
                return calls[n]()
            except DomainError as error:
                return error

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(make, range(len(calls))))


def pays(payer_id: UUID, payment_id: UUID, token: str | None = None) -> Callable[[], UUID]:
    def call() -> UUID:
        payer = db.session.get_one(User, payer_id)
        return service.pay(payer, payment_id, pin=PIN, token=token)

    return call


def sound() -> None:
    db.session.commit()
    assert db.session.execute(text("SELECT * FROM ledger.audit()")).all() == []


def test_thirty_people_pay_one_business_at_once(
    user_app: Flask, make_user: MakeUser, owner: User, shop: Merchant
) -> None:
    payers = [make_user(f"Payer {n}", funds="100") for n in range(30)]
    calls = [pays(payer.id, prepare(payer, shop, 40)) for payer in payers]

    transfers = at_once(user_app, calls)

    assert len(set(transfers)) == 30
    assert moves("payment") == [("payment", Money(40_00))] * 30
    assert takings(shop) == Money(1200_00)
    ledger.fold()
    assert takings(shop) == Money(1200_00)
    sound()


def test_one_payment_twenty_times_is_paid_once(
    user_app: Flask, make_user: MakeUser, owner: User, shop: Merchant
) -> None:
    payer = make_user(funds="100")
    payment = prepare(payer, shop, 40)

    transfers = at_once(user_app, [pays(payer.id, payment)] * 20)

    assert len(set(transfers)) == 1
    assert takings(shop) == Money(40_00)
    assert ledger.balance(payer.account_id) == Money(60_00)


def test_one_form_twenty_times_is_one_payment(
    user_app: Flask, make_user: MakeUser, owner: User, shop: Merchant
) -> None:
    payer_id, shop_id, key = make_user(funds="100").id, shop.id, uuid4()

    def send() -> UUID:
        payer, merchant = db.session.get_one(User, payer_id), db.session.get_one(Merchant, shop_id)
        terms: dict[str, Any] = {"amount": Money(10_00), "note": "", "token": None}
        return service.prepare(payer, merchant, key=key, **terms)

    assert set(at_once(user_app, [send] * 20)) == {key}
    assert db.session.scalars(select(func.count()).select_from(Payment)).one() == 1


def test_the_last_rupee_is_spent_once(
    user_app: Flask, make_user: MakeUser, owner: User, shop: Merchant
) -> None:
    payer = make_user(funds="100")
    calls = [pays(payer.id, prepare(payer, shop, 100)) for _ in range(8)]

    answers = at_once(user_app, calls)

    assert sum(isinstance(each, UUID) for each in answers) == 1
    assert {str(each) for each in answers if isinstance(each, DomainError)} == {
        "You are ₹100.00 short of this. Add money, then pay."
    }
    assert takings(shop) == Money(100_00)


def test_one_order_paid_by_many_at_once_has_one_payer(
    user_app: Flask, make_user: MakeUser, owner: User, shop: Merchant
) -> None:
    token = links.sign(shop.id, amount=Money(50_00), order_no="A-17", lasts=LASTS)
    payers = [make_user(f"Payer {n}", funds="100") for n in range(8)]
    calls = [pays(payer.id, prepare(payer, shop, 50, token), token) for payer in payers]

    answers = at_once(user_app, calls)

    refused = [each for each in answers if isinstance(each, DomainError)]
    assert {str(each) for each in refused} == {
        "This order is paid already. Nothing was taken from you."
    }
    assert len(refused) == 7
    assert takings(shop) == Money(50_00)
    left = sorted(ledger.balance(payer.account_id) for payer in payers)
    assert left == [Money(50_00)] + [Money(100_00)] * 7
    sound()


def test_refunds_of_one_payment_at_once_are_never_more_than_it(
    user_app: Flask, make_user: MakeUser, owner: User, shop: Merchant
) -> None:
    payer, owner_id = make_user(funds="500"), owner.id
    for rupees in (100, 400):  # so that the takings would suffice
        payment = prepare(payer, shop, rupees)
        service.pay(payer, payment, pin=PIN, token=None)
    first = db.session.scalars(select(Payment.id).where(Payment.amount == Money(100_00))).one()

    def give_back() -> None:
        who = db.session.get_one(User, owner_id)
        terms: dict[str, Any] = {"amount": Money(40_00), "reason": "", "pin": PIN}
        refunds.refund(who, first, key=uuid4(), **terms)

    answers = at_once(user_app, [give_back] * 10)

    assert answers.count(None) == 2
    assert db.session.get_one(Payment, first).refunded == Money(80_00)
    assert takings(shop) == Money(420_00)
    assert ledger.balance(payer.account_id) == Money(80_00)


@pytest.mark.parametrize("rest", [range(4)], ids=["four rounds"])
def test_refund_and_settlement_at_one_instant_never_overdraw(
    user_app: Flask,
    make_user: MakeUser,
    owner: User,
    shop: Merchant,
    account: UUID,
    rest: range,
) -> None:
    """Both want all there is, in several rounds: each time one of them gets it."""
    payer, owner_id, outcomes = make_user(funds="1000"), owner.id, set[str]()
    for _ in rest:
        payment = prepare(payer, shop, 100)
        service.pay(payer, payment, pin=PIN, token=None)
        key = uuid4()
        terms: dict[str, Any] = {"amount": Money(100_00), "bank_account": account, "key": key}
        settlements.prepare(owner, shop, **terms)

        def give_back(payment: UUID = payment) -> str:
            who = db.session.get_one(User, owner_id)
            terms: dict[str, Any] = {"amount": Money(100_00), "reason": "", "key": uuid4()}
            refunds.refund(who, payment, **terms, pin=PIN)
            return "refund"

        def settle(key: UUID = key) -> str:
            who = db.session.get_one(User, owner_id)
            settlements.pay(who, key, pin=PIN)
            return "settlement"

        answers = at_once(user_app, [give_back, settle])

        won = [each for each in answers if isinstance(each, str)]
        assert len(won) == 1, answers
        outcomes.update(won)
        assert takings(shop) == Money(0)
    settled = db.session.scalars(select(Payout).where(Payout.state == "in_flight")).all()
    given = db.session.scalars(select(Refund)).all()
    assert len(settled) + len(given) == len(rest)
    sound()


def test_payments_refunds_and_settlements_all_at_once_balance(
    user_app: Flask, make_user: MakeUser, owner: User, shop: Merchant, account: UUID
) -> None:
    payers, owner_id = [make_user(f"Payer {n}", funds="200") for n in range(10)], owner.id
    done = [prepare(payer, shop, 100) for payer in payers]
    for payer, payment in zip(payers, done, strict=True):
        service.pay(payer, payment, pin=PIN, token=None)
    key = uuid4()
    terms: dict[str, Any] = {"amount": Money(500_00), "bank_account": account, "key": key}
    settlements.prepare(owner, shop, **terms)

    def give_back(payment: UUID) -> Callable[[], None]:
        def call() -> None:
            who = db.session.get_one(User, owner_id)
            terms: dict[str, Any] = {"amount": Money(70_00), "reason": "", "key": uuid4()}
            refunds.refund(who, payment, **terms, pin=PIN)

        return call

    def settle() -> None:
        settlements.pay(db.session.get_one(User, owner_id), key, pin=PIN)

    calls = [
        *(pays(payer.id, prepare(payer, shop, 50)) for payer in payers),
        *map(give_back, done),
        settle,
        ledger.fold,
    ]
    at_once(user_app, calls)

    db.session.commit()
    given = db.session.scalars(select(Refund.amount)).all()
    went = db.session.scalars(select(Payout).where(Payout.state == "in_flight")).all()
    out = sum((each.amount + each.fee for each in went), Money(0))
    assert takings(shop) == Money(1500_00) - sum(given, Money(0)) - out
    assert len(moves("payment")) == 20
    with transaction():
        assert ledger.balance(in_flight()) + ledger.balance(fees()) == out
    sound()
