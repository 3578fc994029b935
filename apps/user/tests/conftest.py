"""What the wallet's tests are made of: people with money, a bank we know, its webhooks."""

import functools
import secrets
from collections.abc import Callable, Generator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask, current_app
from redis import Redis
from sqlalchemy import func, select

from batua_bank import demo
from batua_config.settings import Settings
from batua_db import credentials, ledger, sessions
from batua_db.database import db, transaction
from batua_db.models.desk import Role, Staff, StaffSession
from batua_db.models.people import Device
from batua_db.models.wallet import Bank, Session, Topup, User
from batua_db.money import Money
from batua_dev.client import FreshClient, fresh_client
from batua_user.bank.client import BankClient
from batua_user.bank.current import EXTENSION
from batua_user.bank.service import refresh
from batua_user.cache import EXTENSION as CACHE
from batua_user.cache import Cache
from batua_user.topups import service as topups

from .desk import STAFF_PASSWORD, AtDesk, MakeStaff
from .helpers import DEVICE, PASSWORD, PIN, MakeUser, SignIn
from .next_door import NextDoor, served
from .stub import Stub, answer
from .the_bank import TheBank

_serial = count(10_000)


@functools.cache
def _hashes() -> tuple[str, str]:
    """Made once: hashing is slow on purpose."""
    return credentials.hash_password(PASSWORD), credentials.hash_pin(PIN)


@functools.cache
def _staff_hash() -> str:
    return credentials.hash_password(STAFF_PASSWORD)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> None:
    """The test's database, whichever it asked for."""
    request.getfixturevalue("committed" if "committed" in request.fixturenames else "session")


@pytest.fixture
def cache(database: None, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Cache:
    """A cache for services that are called without a page, in the app of the test itself."""
    made = Cache(redis)
    monkeypatch.setitem(current_app.extensions, CACHE, made)
    return made


@pytest.fixture
def sbb(database: None) -> Bank:
    """A bank that the wallet knows."""
    with transaction():
        account = ledger.open_account("wallet", "float:SBB", floor=None, hot=True)
        bank = Bank(
            code="SBB", name="State Bank of Batua", ifsc_prefix="SBBT0", float_account=account
        )
        db.session.add(bank)
    return bank


@pytest.fixture
def make_user(sbb: Bank) -> MakeUser:
    """Make a person: ``make_user("Asha Rao", funds="500", tier="small", pin=False)``."""

    def make(
        name: str = "Asha Rao", *, funds: str = "", tier: str = "full", pin: bool = True
    ) -> User:
        password_hash, pin_hash = _hashes()
        user_id = uuid4()
        with transaction():
            account = ledger.open_account("wallet", "person", owner=user_id)
            user = User(
                id=user_id,
                account_id=account,
                name=name,
                phone=f"+9198450{next(_serial)}",
                password_hash=password_hash,
                pin_hash=pin_hash if pin else None,
                pin_set_at=func.now() if pin else None,
                tier=tier,
            )
            db.session.add(user)
        if funds:
            give(user, funds, sbb.float_account)
        return user

    return make


def give(user: User, funds: str, float_account: UUID) -> None:
    with transaction():
        ledger.move(
            Money.parse(funds),
            debit=float_account,
            credit=user.account_id,
            kind="topup",
            key=f"test:{uuid4()}",
        )


@pytest.fixture
def signed_in(user_app: Flask) -> Callable[[User], FreshClient]:
    """A browser at the wallet, with this person signed in; we have known it for two days."""

    def sign_in(user: User) -> FreshClient:
        client, device = fresh_client(user_app), secrets.token_urlsafe(32)
        with transaction():
            token = sessions.begin(Session, user.id, agent="a test", address="127.0.0.1")
            db.session.add(
                Device(
                    user_id=user.id,
                    token_hash=sessions.hash_token(device),
                    created_at=func.now() - timedelta(days=2),
                )
            )
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
        client.set_cookie(DEVICE, device)
        return client

    return sign_in


@pytest.fixture
def balance(database: None) -> Callable[[User], Money]:
    """What a person has."""

    def of(user: User) -> Money:
        db.session.commit()
        return ledger.balance(user.account_id)

    return of


@pytest.fixture
def make_topup(sbb: Bank) -> Callable[..., UUID]:
    """A top-up that the bank has opened a page for."""

    def make(user: User, amount: str = "500", **changes: Any) -> UUID:
        topup_id, _ = topups.ask(user, amount=Money.parse(amount), bank="SBB", key=uuid4())
        with transaction():
            topup = db.session.get_one(Topup, topup_id)
            topup.session_id = str(uuid4())
            topup.session_url = "http://localhost:3002/pay/a-token"
            topup.expires_at = func.now() + func.make_interval(0, 0, 0, 0, 0, 5)
            for name, value in changes.items():
                setattr(topup, name, value)
        return topup_id

    return make


@pytest.fixture
def the_bank(user_client: FreshClient, settings: Settings) -> TheBank:
    """The bank, as far as it speaks to us."""
    return TheBank(settings, user_client)


@pytest.fixture
def state_of(database: None) -> Callable[[UUID], str]:
    """How a top-up stands."""

    def of(topup_id: UUID) -> str:
        db.session.commit()
        return db.session.scalars(select(Topup.state).where(Topup.id == topup_id)).one()

    return of


@pytest.fixture
def stub() -> Generator[Stub]:
    """A server that answers 500 until it is told otherwise."""
    made: Stub

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            sent = self.rfile.read(length)
            made.asked.append((self.command, self.path, sent, dict(self.headers.items())))
            made.answer(self)

        do_GET = do_POST = handle_any

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made = Stub(
            f"http://127.0.0.1:{server.server_port}", lambda handler: answer(handler, 500, {})
        )
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield made
        server.shutdown()
        thread.join()


@pytest.fixture
def bank_at(
    database: None, user_app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], BankClient]:
    """Let the wallet look for the bank at another address."""

    def at(url: str) -> BankClient:
        client = BankClient(settings.model_copy(update={"BANK_INTERNAL_URL": url}))
        for app in (user_app, current_app):
            monkeypatch.setitem(app.extensions, EXTENSION, client)
        return client

    return at


@pytest.fixture
def nowhere(bank_at: Callable[[str], BankClient]) -> None:
    """No bank: nobody listens where it would be."""
    bank_at("http://127.0.0.1:9")


@pytest.fixture
def asha(make_user: MakeUser) -> User:
    """Someone to begin with."""
    return make_user("Asha Rao")


@pytest.fixture
def browser(asha: User, signed_in: SignIn) -> FreshClient:
    """Asha's browser."""
    return signed_in(asha)


@pytest.fixture
def bank(stub: Stub, bank_at: Callable[[str], BankClient]) -> Stub:
    """A bank that opens a session for whatever it is asked."""
    stub.opens()
    bank_at(stub.url)
    return stub


@pytest.fixture
def rich(asha: User, sbb: Bank) -> User:
    """Asha, with ₹1,000."""
    give(asha, "1000", sbb.float_account)
    return asha


@pytest.fixture
def ravi(make_user: MakeUser) -> User:
    """Somebody to send to."""
    return make_user("Ravi Kumar")


@pytest.fixture
def door(bank_app: Flask, bank_at: Any, sbb: Bank) -> Generator[NextDoor]:
    """The bank next door, with its demo customers."""
    demo.seed()
    with served(NextDoor(bank_app)) as next_door:
        bank_at(next_door.url)
        refresh()
        next_door.calls.clear()
        yield next_door


@pytest.fixture
def make_staff(database: None) -> MakeStaff:
    """Make a member of staff: ``make_staff("supervisor", "Latha Menon")``."""

    def make(role: Role = "operator", name: str = "Kiran Desai") -> Staff:
        staff = Staff(
            id=uuid4(),
            username=f"{role}-{next(_serial)}",
            name=name,
            role=role,
            password_hash=_staff_hash(),
        )
        with transaction():
            db.session.add(staff)
        return staff

    return make


@pytest.fixture
def at_desk(user_app: Flask) -> AtDesk:
    """A browser at the desk, with this member of staff signed in."""

    def sign_in(staff: Staff) -> FreshClient:
        client = fresh_client(user_app)
        with transaction():
            token = sessions.begin(StaffSession, staff.id, agent="a test", address="127.0.0.1")
        with client.session_transaction() as cookie:
            cookie["_staff_id"] = token
        return client

    return sign_in


@pytest.fixture
def operator(make_staff: MakeStaff) -> Staff:
    """Someone who acts at the desk."""
    return make_staff("operator", "Kiran Desai")


@pytest.fixture
def supervisor(make_staff: MakeStaff) -> Staff:
    """Someone who also approves corrections."""
    return make_staff("supervisor", "Latha Menon")


@pytest.fixture
def auditor(make_staff: MakeStaff) -> Staff:
    """Someone who only looks."""
    return make_staff("auditor", "Iqbal Sheikh")
