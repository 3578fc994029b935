"""Bills, many at once."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from batua_db import ledger
from batua_db.database import db
from batua_db.models.payments import BillerAnswer, BillPayment
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_dev.client import FreshClient, fresh_client
from batua_user import steps
from batua_user.billers import asking, demo

from .bill_books import (
    ACCOUNT,
    LOST,
    NUMBER,
    REFUSED,
    bill,
    bills_due,
    booked,
    held_by,
    id_of,
    new_key,
    order,
    state_of,
)
from .helpers import PIN, Balance, MakeUser, SignIn, cookie_of, token_of


@pytest.fixture(autouse=True)
def billers(database: None) -> None:
    demo.seed()


def at_once(
    app: Flask, browser: FreshClient, forms: list[tuple[str, dict[str, str]]]
) -> list[tuple[int, str | None]]:
    """Send forms in as many threads; answers status and location."""
    token, cookie = token_of(browser.get("/settings")), cookie_of(browser)

    def post(form: tuple[str, dict[str, str]]) -> tuple[int, str | None]:
        one = fresh_client(app)
        one.set_cookie("batua_user", cookie)
        answer = one.post(form[0], data={"csrf_token": token, **form[1]})
        return answer.status_code, answer.location

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(post, forms))


@pytest.mark.commits
@pytest.mark.usefixtures("committed", "rich")
class TestAtOnce:
    def test_one_payment_twenty_times_is_paid_once(
        self, user_app: Flask, browser: FreshClient, asha: User, balance: Balance
    ) -> None:
        where = order(browser)

        answers = at_once(user_app, browser, [(where, {"pin": PIN})] * 20)

        assert set(answers) == {(303, where)}
        assert (balance(asha), held_by()) == (Money(801_00), Money(199_00))
        assert booked() == [("bill", Money(199_00))]
        assert state_of(where) == "confirmed"

    def test_one_form_twenty_times_is_one_payment(
        self, user_app: Flask, signed_in: SignIn, make_user: MakeUser
    ) -> None:
        browser, key = signed_in(make_user(funds="9000")), new_key()
        form = {"reference": ACCOUNT, "note": "", "key": key}

        answers = at_once(user_app, browser, [("/pay/DECCAN", form)] * 20)

        assert set(answers) == {(303, f"/pay/DECCAN/{key}")}
        assert db.session.get(BillPayment, UUID(key))

    def test_one_key_with_many_terms_has_one_winner(
        self, user_app: Flask, browser: FreshClient
    ) -> None:
        key = new_key()
        forms = [
            {"reference": NUMBER, "amount": str(n), "note": "", "key": key} for n in range(20, 32)
        ]

        answers = at_once(user_app, browser, [("/pay/TARANG", form) for form in forms])

        assert sorted(status for status, _ in answers) == [303] + [409] * 11

    def test_the_last_rupee_is_spent_once(
        self, user_app: Flask, browser: FreshClient, asha: User, balance: Balance
    ) -> None:
        orders = [order(browser, amount="1000") for _ in range(6)]

        answers = at_once(user_app, browser, [(where, {"pin": PIN}) for where in orders])

        assert sorted(status for status, _ in answers) == [303] + [422] * 5
        assert (balance(asha), held_by()) == (Money(0), Money(1000_00))

    def test_one_bill_paid_at_once_from_many_forms_is_paid_once(
        self, user_app: Flask, signed_in: SignIn, make_user: MakeUser, balance: Balance
    ) -> None:
        person, due = make_user(funds="60000"), bill()
        browser = signed_in(person)
        orders = [order(browser, ACCOUNT, "DECCAN") for _ in range(8)]

        at_once(user_app, browser, [(where, {"pin": PIN}) for where in orders])

        states = sorted(state_of(where) for where in orders)
        assert states == ["confirmed"] + ["refunded"] * 7
        assert held_by("DECCAN") == due.amount
        assert balance(person) == Money(60_000_00) - due.amount

    @pytest.mark.parametrize(("reference", "ends"), [(LOST, "confirmed"), (REFUSED, "refunded")])
    def test_workers_and_pages_that_ask_at_once_record_one_outcome(
        self,
        user_app: Flask,
        browser: FreshClient,
        asha: User,
        balance: Balance,
        monkeypatch: pytest.MonkeyPatch,
        reference: str,
        ends: str,
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(asking, "look", lambda _: None)
            where = order(browser, reference)
            browser.submit(where, pin=PIN)
        payment_id = id_of(where)

        def ask(_: int) -> None:
            with user_app.app_context():
                asking.ask(payment_id)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(ask, range(16)))

        assert state_of(where) == ends
        assert [step.what for step in steps.of(payment_id)] == ["paid", ends]
        answers = select(func.count()).select_from(BillerAnswer)
        assert db.session.scalars(answers).one() == 1
        paid = Money(199_00) if ends == "confirmed" else Money(0)
        assert (balance(asha), held_by()) == (Money(1000_00) - paid, paid)
        assert len(booked()) == (1 if ends == "confirmed" else 2)

    def test_many_workers_ask_about_each_payment_once_a_turn(
        self, user_app: Flask, browser: FreshClient
    ) -> None:
        for n in range(6):
            browser.submit(order(browser, f"98450{n:02}003", amount="20"), pin=PIN)
        bills_due()

        def work(_: int) -> int:
            with user_app.app_context():
                return asking.poll()

        with ThreadPoolExecutor(4) as pool:
            asked = list(pool.map(work, range(4)))

        assert sum(asked) == 6
        ledger.fold()
        assert held_by() == Money(120_00)
