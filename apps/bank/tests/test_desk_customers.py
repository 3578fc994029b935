"""Taking customers in at the desk, and what they then do themselves."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from batua_bank import demo
from batua_bank.desk.customers import service
from batua_db import guesses
from batua_db.database import db, transaction
from batua_db.errors import IdempotencyMismatch
from batua_db.models.bank import BankAccount, Customer, Guess
from batua_dev.client import FreshClient, fresh_client

from .desk import AccountOf, AtDesk, GetStaff, acts, deposit

pytestmark = pytest.mark.usefixtures("banks")

OWN = {"password": "the river in june", "password_again": "the river in june",
       "mpin": "246813", "mpin_again": "246813"}  # fmt: skip


def take_in(desk: FreshClient, name: str = "Zoya Khan") -> tuple[Customer, str]:
    """Take somebody in; returns them and the password that was shown."""
    page = desk.submit(
        "/desk/customers/new", bank="CCB", name=name, reason="Passport and light bill"
    )
    assert page.status_code == 200, page.text
    db.session.commit()
    customer = db.session.scalars(select(Customer).where(Customer.name == name)).one()
    found = re.search(r"<code data-password>([a-z2-9-]{14})</code>", page.text)
    assert found
    return customer, found[1]


def come(app: Flask, customer: Customer, password: str) -> tuple[FreshClient, TestResponse]:
    browser = fresh_client(app)
    return browser, browser.submit("/login", customer_id=customer.number, password=password)


class TestTakingIn:
    def test_who_is_taken_in_chooses_their_own_secrets_first(
        self, bank_app: Flask, at_desk: AtDesk
    ) -> None:
        customer, password = take_in(at_desk())
        browser, entered = come(bank_app, customer, password)
        assert entered.status_code == 303
        # Whatever they want, this comes first.
        assert browser.get("/accounts").location == "/welcome?next=/accounts"

        begun = browser.submit("/welcome?next=/accounts", **OWN)

        assert begun.location == "/accounts"
        page = browser.get("/accounts")
        assert page.status_code == 200
        assert "Savings" in page.text
        assert browser.get("/welcome").location == "/accounts"
        assert come(bank_app, customer, password)[1].status_code == 422
        assert come(bank_app, customer, OWN["password"])[1].status_code == 303
        assert acts(customer.id) == ["open_customer"]

    def test_the_password_is_shown_once_and_kept_nowhere(self, at_desk: AtDesk) -> None:
        desk = at_desk()
        customer, password = take_in(desk)

        assert password not in desk.get(f"/desk/customers/{customer.id}").text
        assert password not in customer.password_hash
        assert password not in desk.get("/desk/log").text

    def test_once_per_key(self, staff: GetStaff) -> None:
        key = uuid4()
        terms = {"bank": "SBB", "name": "Zoya Khan", "reason": "Passport", "key": key}
        first = service.open_customer(staff(), **terms)
        again = service.open_customer(staff(), **terms)

        assert first.password
        assert again == service.Opened(key, None)
        with pytest.raises(IdempotencyMismatch):
            service.open_customer(staff(), **{**terms, "name": "Another"})
        owned = select(func.count()).where(BankAccount.customer_id == key)
        assert db.session.scalars(owned).one() == 1

    def test_numbers_are_of_the_right_shape(self, staff: GetStaff) -> None:
        opened = service.open_customer(
            staff(), bank="CCB", name="Zoya Khan", reason="Passport", key=uuid4()
        )

        customer = db.session.get_one(Customer, opened.id)
        account = db.session.scalars(
            select(BankAccount).where(BankAccount.customer_id == opened.id)
        ).one()
        assert re.fullmatch("[0-9]{8}", customer.number)
        assert re.fullmatch("[0-9]{12}", account.number)
        assert re.fullmatch("CCBK0[0-9]{6}", account.ifsc)

    def test_another_account_once_per_key(self, at_desk: AtDesk, staff: GetStaff) -> None:
        customer, _ = take_in(at_desk())
        terms = {"label": "For the shop", "reason": "Asked for it", "key": uuid4()}

        opened = {service.open_account(staff(), customer.id, **terms) for _ in range(2)}

        assert len(opened) == 1
        assert acts(customer.id) == ["open_customer", "open_account"]

    @pytest.mark.parametrize(
        "typed", [{"name": "   "}, {"bank": "XXX"}, {"reason": "x"}, {"name": "a" * 65}]
    )
    def test_what_cannot_be_read_is_said_beside_it(
        self, at_desk: AtDesk, typed: dict[str, str]
    ) -> None:
        good = {"bank": "SBB", "name": "Zoya Khan", "reason": "Passport and light bill"}

        page = at_desk().submit("/desk/customers/new", **(good | typed))

        assert page.status_code == 422
        assert 'class="error"' in page.text
        assert not acts()


class TestBeginning:
    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"password": "short", "password_again": "short"}, "at least 10"),
            ({"password_again": "the river in july"}, "not what you typed"),
            ({"mpin_again": "111111"}, "not what you typed"),
            ({"mpin": "12345"}, "6 digits"),
        ],
    )
    def test_bad_choices_are_said(
        self, bank_app: Flask, at_desk: AtDesk, typed: dict[str, str], said: str
    ) -> None:
        browser, _ = come(bank_app, *take_in(at_desk()))

        page = browser.submit("/welcome", **(OWN | typed))

        assert page.status_code == 422
        assert said in page.text
        assert browser.get("/accounts").status_code == 303

    def test_the_one_given_cannot_be_kept(self, bank_app: Flask, at_desk: AtDesk) -> None:
        customer, given = take_in(at_desk())
        browser, _ = come(bank_app, customer, given)

        page = browser.submit("/welcome", **(OWN | {"password": given, "password_again": given}))

        assert page.status_code == 422
        assert "another than the one you were given" in page.text

    def test_the_one_given_runs_out(self, bank_app: Flask, at_desk: AtDesk) -> None:
        customer, given = take_in(at_desk())
        with transaction():
            past = func.now() - timedelta(seconds=1)
            db.session.execute(update(Customer).values(starts_by=past))

        page = come(bank_app, customer, given)[1]

        assert page.status_code == 422
        assert "has run out" in page.text

    def test_a_payment_waits_until_they_have_begun(
        self, bank_app: Flask, at_desk: AtDesk, api: Any
    ) -> None:
        customer, given = take_in(at_desk())
        path = api.ask(bank="CCB")["path"]
        browser = fresh_client(bank_app)
        browser.submit(path, customer_id=customer.number, password=given)

        led = browser.get(f"{path}/approve")

        assert led.location == f"/welcome?next={path}/approve"
        assert browser.submit(led.location, **OWN).location == f"{path}/approve"
        assert browser.get(f"{path}/approve").status_code == 200


class TestLettingInAgain:
    def test_everything_before_is_worth_nothing(
        self, bank_app: Flask, at_desk: AtDesk, customer: Callable[..., FreshClient]
    ) -> None:
        inside, desk = customer(), at_desk()
        asha = db.session.scalars(select(Customer).where(Customer.number == "10000001")).one()
        with transaction():
            for _ in range(5):
                guesses.take(Guess, f"mpin:{asha.id}", guesses.PIN)

        page = desk.submit(f"/desk/customers/{asha.id}/sign-in", reason="Showed her passport")

        given = re.search(r"<code data-password>(.*?)</code>", page.text)
        assert given
        assert inside.get("/accounts").location.startswith("/login")
        assert come(bank_app, asha, demo.PASSWORD)[1].status_code == 422
        browser, entered = come(bank_app, asha, given[1])
        assert entered.status_code == 303
        assert browser.submit("/welcome", **OWN).location == "/accounts"
        assert guesses.count(Guess, f"mpin:{asha.id}") == 0
        assert acts(asha.id)[-1] == "reset_sign_in"


class TestFinding:
    def test_names_numbers_and_references_lead_to_their_page(
        self, at_desk: AtDesk, staff: GetStaff, account_of: AccountOf, api: Any
    ) -> None:
        desk, account = at_desk("auditor"), account_of()
        moved = deposit(staff(), account)
        session = api.ask()
        asha = db.session.get_one(BankAccount, account).customer_id
        for typed, led in {
            "10000001": f"/desk/customers/{asha}",
            "1000 0001": f"/desk/customers/{asha}",
            "018100004471": f"/desk/accounts/{account}",
            str(account): f"/desk/accounts/{account}",
            str(moved): f"/desk/movements/{moved}",
            session["id"]: f"/desk/payments/{session['id']}",
            session["reference"]: f"/desk/payments/{session['id']}",
        }.items():
            answer = desk.get("/desk/customers", query_string={"q": typed})
            assert answer.location == led, typed
        assert "Asha Rao" in desk.get("/desk/customers?q=asha").text
        assert "Nobody found" in desk.get("/desk/customers?q=100%25").text
        assert desk.get("/desk/customers?q=a").status_code == 422

    def test_opening_a_page_is_on_record_once_an_hour(
        self, at_desk: AtDesk, account_of: AccountOf
    ) -> None:
        desk = at_desk()
        asha = db.session.get_one(BankAccount, account_of()).customer_id
        for _ in range(3):
            desk.get(f"/desk/customers/{asha}")

        assert acts(asha) == ["look"]
