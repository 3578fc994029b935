"""The demo banks, and the wallet's side of the API."""

import json
import re
import threading
import time
from collections.abc import Callable, Generator
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from batua_bank import demo
from batua_bank.clients import registry
from batua_bank.desk import demo as desk_demo
from batua_config import service_token
from batua_config.current import EXTENSION
from batua_config.settings import Settings
from batua_db import credentials, ledger
from batua_db.database import db
from batua_db.models.bank import BankAccount, PaymentSession
from batua_db.models.bank_desk import Staff
from batua_db.models.clients import Client
from batua_dev.client import FreshClient, fresh_client
from batua_dev.testing import Committed

ASHA, RAVI, MEERA = "10000001", "10000002", "20000001"


class Receiver(ThreadingHTTPServer):
    """A wallet that keeps what it gets, and answers as it is told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str], float]] = []
        self.says = b"x" * 4096

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def will(self, status: int, *, after: float = 0, **headers: str) -> None:
        self.answers.append((status, headers, after))


class Handler(BaseHTTPRequestHandler):
    server: Receiver  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers.items()), body))
        status, headers, after = self.server.answers.pop(0) if self.server.answers else (200, {}, 0)
        time.sleep(after)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(self.server.says)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


class Api:
    """The wallet, calling the bank."""

    def __init__(self, client: FreshClient, settings: Settings) -> None:
        self.client = client
        self.settings = settings

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any, *, key: str | None = None, **options: Any) -> TestResponse:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        key = str(uuid4()) if key is None else key
        return self.call("POST", path, content, key=key, **options)

    def call(
        self, method: str, path: str, content: bytes = b"", *, key: str = "", token: str = "",
        **headers: str,
    ) -> TestResponse:  # fmt: skip
        """Send a call, signed as it is unless a token is given."""
        path = f"/api/v1{path}"
        token = token or self.sign(method, path, content, key)
        sent = {"Authorization": f"Bearer {token}", **headers}
        if key:
            sent["Idempotency-Key"] = key
        kind = sent.pop("content_type", "application/json" if content else None)
        return self.client.open(path, method=method, data=content, headers=sent, content_type=kind)

    def sign(
        self, method: str, path: str, content: bytes = b"", key: str = "", client: str = "wallet"
    ) -> str:
        return service_token.sign(
            self.settings.secrets, client, method=method, path_and_query=path, body=content, key=key
        )

    def terms(self, **changes: Any) -> dict[str, Any]:
        """Terms that nothing is wrong with."""
        reference = str(uuid4())
        return {
            "amount": 500_00,
            "currency": "INR",
            "bank": "SBB",
            "reference": reference,
            "description": "Add money to the wallet of Asha R.",
            "return_url": f"{self.settings.public_url('user')}/add-money/{reference}",
            **changes,
        }

    def ask(self, **changes: Any) -> dict[str, Any]:
        """Open a payment session; ``path`` is its page."""
        answer = self.post("/payment-sessions", self.terms(**changes))
        assert answer.status_code == 201, answer.text
        session: dict[str, Any] = answer.get_json()
        return {**session, "path": session["url"].removeprefix(self.settings.public_url("bank"))}


@cache
def hashed_once(name: str, secret: str, _hasher: object) -> str:
    return getattr(credentials, name)(secret)


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's hashes, made once a run and hasher."""
    for name in ("hash_password", "hash_pin"):
        made = partial(hashed_once, name, _hasher=credentials.HASHER)
        monkeypatch.setattr(demo, name, made)


@pytest.fixture
def banks(session: Any, hashes: None) -> None:
    """The demo banks and customers, undone after the test."""
    demo.seed()


@pytest.fixture
def committed_banks(committed: Committed, hashes: None) -> Committed:
    """The demo banks and customers, committed to a database of the test's own."""
    demo.seed()
    return committed


@pytest.fixture
def api(bank_app: Flask, settings: Settings) -> Api:
    """The wallet, calling the bank."""
    return Api(fresh_client(bank_app), settings)


@pytest.fixture
def csrf() -> Callable[[str], str]:
    """``csrf(page)``: the token that the forms of a page carry."""

    def read(page: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, page
        return found[1]

    return read


@pytest.fixture
def customer(bank_app: Flask) -> Callable[..., FreshClient]:
    """``customer()``: a browser in which somebody is signed in to net banking."""

    def sign_in(number: str = ASHA, password: str = demo.PASSWORD) -> FreshClient:
        browser = fresh_client(bank_app)
        answer = browser.submit("/login", customer_id=number, password=password)
        assert answer.status_code == 303, answer.text
        return browser

    return sign_in


@pytest.fixture
def at_desk(bank_app: Flask) -> Callable[..., FreshClient]:
    """``at_desk("supervisor")``: a browser in which that member of the demo staff is signed in."""

    def enter(username: str = "operator") -> FreshClient:
        browser = fresh_client(bank_app)
        answer = browser.submit("/desk/login", username=username, password=desk_demo.PASSWORD)
        assert answer.status_code == 303, answer.text
        return browser

    return enter


@pytest.fixture
def staff() -> Callable[..., Staff]:
    """``staff("supervisor")``: a member of the demo staff."""

    def find(username: str = "operator") -> Staff:
        return db.session.scalars(select(Staff).where(Staff.username == username)).one()

    return find


@pytest.fixture
def account_of() -> Callable[[str], UUID]:
    """``account_of(number)``: the account of a demo customer."""
    numbers = {each.number: each.account for each in demo.CUSTOMERS}

    def find(number: str = ASHA) -> UUID:
        query = select(BankAccount.id).where(BankAccount.number == numbers[number])
        return db.session.execute(query).scalar_one()

    return find


@pytest.fixture
def second_account(account_of: Callable[..., UUID]) -> UUID:
    """Another account of Asha's, with nothing on it."""
    first = db.session.get_one(BankAccount, account_of())
    account = BankAccount(
        id=ledger.open_account("bank", "customer", owner=first.customer_id),
        customer_id=first.customer_id,
        bank_code=first.bank_code,
        number="018100001187",
        ifsc=first.ifsc,
    )
    db.session.add(account)
    db.session.commit()
    return account.id


@pytest.fixture
def platform() -> Callable[..., UUID]:
    """``platform()``: the platform's account at SBB, or at another bank."""
    return lambda code="SBB": registry.platform_account("wallet", code)


@pytest.fixture
def other_client(banks: None) -> str:
    """Another platform than the wallet, with an account at each bank."""
    other = Client(id="kirana", name="Kirana", legal_name="Kirana Stores LLP", origins=[])
    db.session.add(other)
    db.session.flush()
    registry.open_platforms()
    db.session.commit()
    return other.id


@pytest.fixture
def run_out() -> Callable[[str], None]:
    """``run_out(id)``: let a session's five minutes be over, by the database's clock."""

    def end(session_id: str) -> None:
        row = db.session.get_one(PaymentSession, UUID(session_id))
        row.expires_at = row.created_at
        db.session.commit()

    return end


@pytest.fixture
def approval(account_of: Callable[..., UUID]) -> Callable[..., dict[str, str]]:
    """``approval()``: what the approve page sends, but for the CSRF token."""

    def fields(**changes: str) -> dict[str, str]:
        return {
            "account": str(account_of()),
            "mpin": demo.MPIN,
            "action": "approve",
            "key": str(uuid4()),
            **changes,
        }

    return fields


@pytest.fixture
def wallet(
    bank_app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Generator[Receiver]:
    """A receiver in the place of the wallet."""
    receiver = Receiver()
    threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01}).start()
    there = settings.model_copy(update={"USER_INTERNAL_URL": receiver.url})
    monkeypatch.setitem(bank_app.extensions, EXTENSION, there)
    yield receiver
    receiver.shutdown()
    receiver.server_close()
