"""What runs beside the pages, and how the app is put together."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import func, select, text

from batua_config.settings import Settings, SettingsError
from batua_db import credentials, ledger
from batua_db.database import db, transaction
from batua_db.models.ledger import Account
from batua_db.models.wallet import Bank, User, Witness
from batua_dev.client import fresh_client
from batua_dev.testing import Committed
from batua_user import create_app, demo, seals, worker
from batua_user.bank import service as banks

MakeUser = Callable[..., User]


def says(status: int, body: Any) -> Callable[[Any], None]:
    import json

    def answer(handler: Any) -> None:
        content = json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


@pytest.fixture
def bank(stub: Any, bank_at: Callable[[str], Any]) -> Any:
    bank_at(stub.url)
    return stub


@pytest.mark.usefixtures("session")
class TestBanks:
    NAMES = (
        {"code": "SBB", "name": "State Bank of Batua", "ifsc_prefix": "SBBT0"},
        {"code": "CCB", "name": "Coastal Commerce Bank", "ifsc_prefix": "CCBK0"},
    )

    def test_the_list_is_taken_over_and_each_bank_gets_an_account(self, bank: Any) -> None:
        bank.answer = says(200, {"items": list(self.NAMES), "next": None})

        assert banks.refresh() == 2
        assert banks.refresh() == 2

        known = db.session.scalars(select(Bank).order_by(Bank.code)).all()
        assert [each.name for each in known] == ["Coastal Commerce Bank", "State Bank of Batua"]
        for each in known:
            account = db.session.get_one(Account, each.float_account)
            assert (account.kind, account.floor, account.hot) == (f"float:{each.code}", None, True)
        assert db.session.scalar(select(func.count()).select_from(Account)) == 2

    def test_a_bank_seen_first_with_money_is_named_later(self, bank: Any) -> None:
        with transaction():
            account = banks.float_of("CCB")
        bank.answer = says(200, {"items": list(self.NAMES), "next": None})
        banks.refresh()

        found = db.session.get_one(Bank, "CCB")
        assert (found.float_account, found.name) == (account, "Coastal Commerce Bank")

    def test_there_is_one_suspense_account(self) -> None:
        with transaction():
            assert banks.suspense() == banks.suspense()

    @pytest.mark.usefixtures("nowhere")
    def test_without_the_bank_the_worker_goes_on(self) -> None:
        assert worker.refresh_banks() == 0
        assert seals.exchange() == 0


@pytest.mark.commits
class TestSeals:
    def test_digests_go_there_and_come_here_once(
        self, committed: Committed, make_user: MakeUser, bank: Any
    ) -> None:
        make_user(funds="100")
        ledger.fold()
        assert seals.seal() >= 1
        theirs = [{"book": "bank", "number": 1, "digest": "ab" * 32}]

        def answer(handler: Any) -> None:
            body = {"items": theirs if handler.path.endswith("after=0") else [], "next": None}
            says(200 if handler.command == "GET" else 201, body)(handler)

        bank.answer = answer

        assert seals.exchange() == 2
        assert seals.exchange() == 0

        rows = db.session.execute(select(Witness.book, Witness.number).order_by(Witness.book))
        assert [tuple(row) for row in rows] == [("bank", 1), ("wallet", 1)]
        posts = [each for each in bank.asked if each[0] == "POST"]
        assert len(posts) == 1

    def test_what_the_bank_did_not_take_is_sent_again(
        self, committed: Committed, make_user: MakeUser, bank: Any
    ) -> None:
        make_user(funds="100")
        ledger.fold()
        seals.seal()
        refusal = {"error": {"code": "seal_differs", "message": "Audit.", "field": None}}
        for status, body in ((500, {}), (409, refusal)):
            bank.answer = says(status, body)
            assert seals.exchange() == 0

        assert db.session.scalar(select(func.count()).select_from(Witness)) == 0


@pytest.mark.usefixtures("session")
class TestDemo:
    def test_the_demo_people_are_made_once(self) -> None:
        demo.seed()
        demo.seed()

        people = db.session.scalars(select(User).order_by(User.phone)).all()
        assert [(each.name, each.tier) for each in people] == [
            ("Asha Rao", "full"),
            ("Ravi Kumar", "full"),
            ("Meena Iyer", "small"),
        ]
        assert credentials.verify_password(people[0].password_hash, "batua-demo-1")
        assert credentials.verify_pin(people[0].pin_hash, "246810")
        assert all(ledger.balance(each.account_id).paise == 0 for each in people)


def https(settings: Settings, **other: Any) -> Settings:
    return settings.model_copy(update={"USER_APP_URL": "https://batua.example", **other})


def production(settings: Settings, url: str) -> Settings:
    """Fit for production, on the database at ``url``."""
    return https(settings, APP_ENV="production", DATABASE_URL=SecretStr(url))


class TestApp:
    def test_under_https_the_cookie_is_bound_to_host_and_channel(
        self, worker_settings: Settings
    ) -> None:
        client = fresh_client(create_app(https(worker_settings)))
        cookie = client.get(
            "/login", base_url="https://batua.example", headers={"Host": "batua.example"}
        ).headers["Set-Cookie"]

        assert cookie.startswith("__Host-batua_user=")
        for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert part in cookie
        assert "Domain" not in cookie

    @pytest.mark.parametrize("host", ["evil.com", "localhost.evil.com", "batua.example"])
    def test_other_hosts_are_refused(self, user_client: Any, host: str) -> None:
        assert user_client.get("/", headers={"Host": host}).status_code == 400

    def test_addresses_are_not_believed_without_a_proxy(self, user_app: Flask) -> None:
        with user_app.test_request_context("/", headers={"X-Forwarded-For": "1.2.3.4"}):
            from batua_user.auth.browser import device

            assert device().address != "1.2.3.4"

    def test_in_production_there_is_no_mailbox(
        self, committed: Committed, worker_settings: Settings
    ) -> None:
        app = create_app(production(worker_settings, committed.url))
        client = fresh_client(app)
        over = {"base_url": "https://batua.example"}

        for path in ("/dev/messages", "/dev/gallery"):
            assert client.get(path, **over).status_code == 404
        assert client.get("/login", **over).status_code == 200
        with app.app_context():
            with pytest.raises(RuntimeError, match="everybody knows"):
                demo.seed()
            db.engine.dispose()

    def test_production_does_not_start_on_a_role_that_can_write_the_ledger(
        self, committed: Committed, worker_settings: Settings
    ) -> None:
        with pytest.raises(SettingsError, match="write the ledger"):
            create_app(production(worker_settings, committed.owner_url))


@pytest.mark.usefixtures("session")
def test_whoever_is_signed_in_is_found_in_one_query(
    make_user: MakeUser, signed_in: Callable[[User], Any], user_app: Flask
) -> None:
    from sqlalchemy import event

    from batua_user.extensions import load_user

    user = make_user()
    client = signed_in(user)
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    db.session.execute(text("SELECT 1"))
    db.session.expunge_all()
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))

    found = load_user(token)

    assert found
    assert found.phone
    assert len(seen) == 1
