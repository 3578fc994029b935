"""Many at the door at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from werkzeug.test import TestResponse

from batua_db import guesses
from batua_db.database import db, transaction
from batua_db.models.ledger import Account
from batua_db.models.wallet import Code, Guess, Session
from batua_dev.client import fresh_client
from batua_user import codes

from .door import NEW, code_for, other_than, register, users
from .helpers import MakeUser, cookie_of, token_of


@pytest.mark.commits
class TestAtOnce:
    @pytest.mark.usefixtures("committed")
    def test_two_registrations_of_one_phone_make_one_wallet(self, user_app: Flask) -> None:
        people = [fresh_client(user_app) for _ in range(4)]
        codes = []
        for person in people:
            register(person)
            codes.append(code_for(person))
        forms = []
        for person in people:
            page = person.get("/register/verify")
            token = token_of(page)
            forms.append(token)

        def verify(n: int) -> TestResponse:
            data = {"csrf_token": forms[n], "code": codes[n]}
            return people[n].post("/register/verify", data=data)

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(verify, range(4)))

        assert {answer.status_code for answer in answers} == {303}
        assert sorted(answer.location for answer in answers) == ["/", "/login", "/login", "/login"]
        assert users() == 1
        people_accounts = select(func.count()).where(Account.kind == "person")
        assert db.session.scalars(people_accounts).one() == 1
        assert db.session.scalars(select(func.count()).select_from(Session)).one() == 1

    @pytest.mark.usefixtures("committed")
    def test_one_code_from_many_browsers_opens_once(self, user_app: Flask) -> None:
        first = fresh_client(user_app)
        register(first)
        cookie = cookie_of(first)
        page = first.get("/register/verify")
        token = token_of(page)
        data = {"csrf_token": token, "code": code_for(first)}

        def verify(_: int) -> int:
            person = fresh_client(user_app)
            person.set_cookie("batua_user", cookie)
            return person.post("/register/verify", data=data).status_code

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(verify, range(4)))

        assert answers.count(303) >= 1
        assert users() == 1

    @pytest.mark.usefixtures("committed")
    def test_wrong_passwords_at_once_are_no_more_than_five(
        self, user_app: Flask, make_user: MakeUser
    ) -> None:
        phone = make_user().phone
        client = fresh_client(user_app)
        page = client.get("/login")
        token = token_of(page)
        cookie = cookie_of(client)
        data = {"csrf_token": token, "phone": phone, "password": "wrong password"}

        def guess(_: int) -> int:
            thief = fresh_client(user_app)
            thief.set_cookie("batua_user", cookie)
            return thief.post("/login", data=data).status_code

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(guess, range(24)))

        assert answers.count(422) == 5
        assert answers.count(429) == 19

    @pytest.mark.usefixtures("committed")
    def test_a_code_that_is_spent_and_one_that_is_tried_do_not_wait_for_each_other(
        self, user_app: Flask
    ) -> None:
        first = fresh_client(user_app)
        register(first)
        first.submit("/register/verify", code=other_than(code_for(first)))
        waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        code = db.session.scalars(select(Code)).one()

        def spend() -> None:
            with user_app.app_context(), transaction():
                codes.spend("register", code_id, phone=NEW)

        code_id = code.id
        with ThreadPoolExecutor(1) as pool, transaction():
            guesses.take(Guess, f"code:register:{NEW}", guesses.PASSWORD)
            spent = pool.submit(spend)
            while not db.session.scalar(waits):
                assert not spent.done()
            db.session.execute(update(Code).where(Code.id == code_id).values(tries=1))
        spent.result()
