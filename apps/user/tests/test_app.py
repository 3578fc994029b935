"""How the app is put together, and who its demo people are."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select, text

from batua_config.settings import Settings, SettingsError
from batua_db import credentials, ledger
from batua_db.database import db
from batua_db.models.wallet import User
from batua_dev.client import fresh_client
from batua_dev.testing import Committed
from batua_user import create_app, demo
from batua_user.merchants import demo as merchants

from .helpers import MakeUser, statements


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
            *((owner, "full") for _, owner, _, _ in merchants.SHOPS),
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
    @pytest.mark.parametrize(
        ("host", "ours"),
        [
            *[(host, True) for host in ("localhost:3001", "wallet.localhost", "127.0.0.1:3001")],
            *[(host, True) for host in ("[::1]", "[::1]:3001")],
            *[(host, False) for host in ("evil.example", "localhost.evil.example", "[::2]:3001")],
            *[
                (host, False)
                for host in ("[::1].evil.example", "[::1]:3001:80", "[::1]@evil", "[", "")
            ],
        ],
    )
    def test_it_answers_to_its_own_hosts_only(
        self, user_app: Flask, session: None, host: str, ours: bool
    ) -> None:
        answer = fresh_client(user_app).get("/healthz", headers={"Host": host})

        assert answer.status_code == (200 if ours else 400)

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
    from batua_user.extensions import load_user

    user = make_user()
    client = signed_in(user)
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    db.session.execute(text("SELECT 1"))
    db.session.expunge_all()

    with user_app.test_request_context(), statements() as seen:
        found = load_user(token)

    assert found
    assert found.phone
    assert len(seen) == 1
