"""Whoever only knows a number learns nothing about it."""

import re

import pytest
from flask import Flask

from batua_db import credentials
from batua_db.models.wallet import User
from batua_dev.client import FreshClient, fresh_client

from .door import messages, register, users
from .helpers import MakeUser, key_of, statements, token_of


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of the hasher, which is where the time goes."""
    asked: list[str] = []
    hasher = credentials.HASHER

    class Counting:
        def hash(self, secret: str) -> str:
            asked.append("hash")
            return hasher.hash(secret)

        def verify(self, stored: str, secret: str) -> bool:
            asked.append("verify")
            return hasher.verify(stored, secret)

    credentials.verify_password(None, "so that there is something to compare with")
    monkeypatch.setattr(credentials, "HASHER", Counting())
    return asked


@pytest.mark.usefixtures("session")
class TestStrangersLearnNothing:
    def strip(self, page: str) -> str:
        """What differs between any two pages: tokens, and the number that was typed."""
        page = re.sub(r'value="[^"]*"', 'value=""', page)
        return re.sub(r"\+91[ 0-9]+", "", page)

    def test_registering_a_known_number_looks_the_same(
        self, user_app: Flask, make_user: MakeUser
    ) -> None:
        known, unknown = make_user().phone, "+919845054321"
        pages = []
        for phone in (known, unknown):
            client = fresh_client(user_app)
            asked = register(client, phone)
            shown = client.get(asked.location)
            wrong = client.submit("/register/verify", code="123123")
            pages.append(
                (asked.status_code, asked.location, asked.text)
                + tuple((page.status_code, self.strip(page.text)) for page in (shown, wrong))
            )

        assert pages[0] == pages[1]

    def test_the_owner_of_a_known_number_is_told_and_no_code_works(
        self, user_client: FreshClient, make_user: MakeUser
    ) -> None:
        phone = make_user().phone
        register(user_client, phone)

        message = messages(user_client, phone)[0]

        assert message["code"] is None
        assert "sign in instead" in message["text"]
        assert not re.search("[0-9]{6}", message["text"])
        assert users(phone) == 1

    def test_signing_in_with_an_unknown_number_looks_the_same(
        self, user_client: FreshClient, make_user: MakeUser
    ) -> None:
        pages = [
            user_client.submit("/login", phone=phone, password="wrong password")
            for phone in (make_user().phone, "+919845054321")
        ]

        assert pages[0].status_code == pages[1].status_code == 422
        assert self.strip(pages[0].text) == self.strip(pages[1].text)
        assert len(pages[0].data) == len(pages[1].data)

    def test_unknown_numbers_wait_like_known_ones(
        self, user_client: FreshClient, make_user: MakeUser
    ) -> None:
        for phone in (make_user().phone, "+919845054321"):
            tries = [
                user_client.submit("/login", phone=phone, password="wrong password").status_code
                for _ in range(7)
            ]
            assert tries == [422] * 5 + [429] * 2

    def test_known_and_unknown_numbers_are_the_same_work(
        self, user_app: Flask, make_user: MakeUser, hashes: list[str]
    ) -> None:
        """Statement for statement, hash for hash: neither time nor load tells them apart."""
        work: list[list[str]] = []
        for phone in (make_user().phone, "+919845054321"):
            hashes.clear()
            client = fresh_client(user_app)
            with statements() as seen:
                register(client, phone)
                client.submit("/register/verify", code="123123")
                client.submit("/login", phone=phone, password="wrong password")
            work.append(seen + hashes)

        assert len(work[0]) > 10
        assert hashes == ["hash", "verify"]
        assert work[0] == work[1]

    def test_looking_for_a_number_is_the_same_work_up_to_the_answer(
        self, browser: FreshClient, ravi: User, hashes: list[str]
    ) -> None:
        """Whether it has a wallet is told then, so the looks are counted."""
        work: list[list[str]] = []
        for phone in (ravi.phone, "+919845054321"):
            page = browser.get("/send")
            form = {"csrf_token": token_of(page), "key": key_of(page), "note": ""}
            with statements() as seen:
                answer = browser.post("/send", data={**form, "phone": phone, "amount": "10"})
            assert answer.status_code == 422  # Asha has nothing to send
            work.append(seen[: seen.index(next(each for each in seen if "lookup (" in each)) + 1])

        assert work[0] == work[1]
        assert hashes == []
