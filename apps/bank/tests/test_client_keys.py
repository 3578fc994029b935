"""A client's keys: told once, kept sealed, rotated without a failed call on either side."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select, update
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from batua_bank import resealing
from batua_bank.clients import keys, registry, service
from batua_bank.clients.keys import Overlap
from batua_config import service_token, webhooks
from batua_config.current import EXTENSION
from batua_config.settings import Settings
from batua_db import fields
from batua_db.database import db, transaction
from batua_db.errors import Conflict, NotFound, Refused
from batua_db.models.clients import Client, ClientSecret

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture(autouse=True)
def inside(bank_app: Flask, banks: None) -> Any:
    with bank_app.app_context():
        yield


@pytest.fixture
def shop(inside: None) -> Client:
    with transaction():
        return service.make("shop", name="Shop", legal_name="Shop LLP", origins=[])


def make(shop: Client, overlap: Overlap = "day") -> str:
    with transaction():
        return keys.make(shop, id=uuid4(), overlap=overlap)


def hours_pass(hours: int) -> None:
    with transaction():
        earlier = ClientSecret.retires_at - timedelta(hours=hours)
        db.session.execute(update(ClientSecret).values(retires_at=earlier))


def test_a_key_is_random_and_as_the_libraries_take_it(shop: Client) -> None:
    first, second = make(shop), make(shop)

    assert first != second
    assert first.startswith("whsec_")
    assert len(base64.b64decode(first.removeprefix("whsec_"), validate=True)) == 32
    assert Webhook(first).verify(b"{}", webhooks.sign([first], "evt_1", b"{}")) == {}


def test_it_is_stored_sealed(shop: Client) -> None:
    key = make(shop)
    row = db.session.scalars(select(ClientSecret)).one()

    assert row.hint == key[-4:]
    assert key[6:20].encode() not in row.sealed
    assert fields.reveal(row.sealed) == key


def test_the_newest_signs_and_older_ones_verify_for_a_day(shop: Client) -> None:
    old = make(shop)
    new = make(shop)

    assert list(registry.secrets_of("shop")) == [new, old]
    hours_pass(23)
    assert list(registry.secrets_of("shop")) == [new, old]
    hours_pass(1)
    assert list(registry.secrets_of("shop")) == [new]


def test_one_that_leaked_is_over_at_once(shop: Client) -> None:
    make(shop)
    make(shop)
    newest = make(shop, "none")

    assert list(registry.secrets_of("shop")) == [newest]


def test_a_later_key_gives_no_older_one_more_time(shop: Client) -> None:
    make(shop)
    make(shop, "hour")
    make(shop, "day")
    hours_pass(1)

    assert len(registry.secrets_of("shop")) == 2


def test_a_webhook_of_the_overlap_verifies_with_either_key(shop: Client) -> None:
    old, new = make(shop), make(shop)
    headers = webhooks.sign(registry.secrets_of("shop"), "evt_1", b"{}")

    assert Webhook(old).verify(b"{}", headers) == Webhook(new).verify(b"{}", headers) == {}
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + base64.b64encode(b"x" * 32).decode()).verify(b"{}", headers)


def test_rotation_fails_no_call(shop: Client, bank_app: Flask, settings: Settings) -> None:
    """A client that calls all the while changes over when it likes; every call is taken."""
    statuses: list[int] = []
    path = "/api/v1/banks"

    def call(key: str) -> None:
        token = service_token.sign([key], "shop", method="GET", path_and_query=path)
        headers = {"Authorization": f"Bearer {token}"}
        statuses.append(bank_app.test_client().get(path, headers=headers).status_code)

    old = make(shop)
    for rotation in range(4):
        call(old)
        new = make(shop)
        for key in (old, new, old, new):
            call(key)
        hours_pass(23)
        call(old)
        hours_pass(2)
        call(new)
        assert len(statuses) == 7 * (rotation + 1)
        old = new

    assert set(statuses) == {200}


def test_a_key_that_retired_opens_nothing(shop: Client, bank_app: Flask) -> None:
    leaked = make(shop)
    make(shop, "none")
    token = service_token.sign([leaked], "shop", method="GET", path_and_query="/api/v1/banks")
    headers = {"Authorization": f"Bearer {token}"}

    assert bank_app.test_client().get("/api/v1/banks", headers=headers).status_code == 401


def test_one_wish_makes_one_key(shop: Client) -> None:
    wish = uuid4()
    keys.make(shop, id=wish, overlap="day")

    with pytest.raises(Conflict):
        keys.make(shop, id=wish, overlap="day")
    assert len(registry.secrets_of("shop")) == 1


def test_one_key_is_taken_back_but_never_the_last(shop: Client) -> None:
    make(shop)
    new = make(shop)
    newest, old = keys.of("shop")
    keys.retire(shop, old.secret.id)

    assert list(registry.secrets_of("shop")) == [new]
    with pytest.raises(NotFound):
        keys.retire(shop, old.secret.id)
    with pytest.raises(Refused, match="only key"):
        keys.retire(shop, newest.secret.id)


def test_there_are_five_at_most(shop: Client) -> None:
    for _ in range(5):
        make(shop)
    with pytest.raises(Refused, match="at most"):
        make(shop)
    assert make(shop, "none")


def test_nobody_else_retires_a_key(shop: Client) -> None:
    make(shop)
    with transaction():
        other = service.make("other", name="O", legal_name="O", origins=[])
    make(other)

    with pytest.raises(NotFound):
        keys.retire(other, keys.of("shop")[0].secret.id)


def test_the_wallet_has_its_keys_from_the_settings() -> None:
    with pytest.raises(Refused, match="settings"):
        keys.make(service.find("wallet"), id=uuid4(), overlap="day")


def test_a_closed_client_calls_no_more(shop: Client) -> None:
    make(shop)
    with transaction():
        service.close(service.find("shop"))

    assert registry.secrets_of("shop") == []
    with pytest.raises(Refused, match="closed"):
        make(service.find("shop"))


@pytest.fixture
def field_keys(
    bank_app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    def use(*them: str) -> None:
        changed = settings.model_copy(update={"FIELD_KEYS": SecretStr(" ".join(them))})
        monkeypatch.setitem(bank_app.extensions, EXTENSION, changed)

    return use


def test_keys_outlive_the_key_that_sealed_them(
    shop: Client, field_keys: Callable[..., None]
) -> None:
    old, new = (base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2))
    field_keys(old)
    key = make(shop)
    field_keys(new, old)

    assert (resealing.reseal(), resealing.reseal()) == (1, 0)
    field_keys(new)
    assert list(registry.secrets_of("shop")) == [key]
