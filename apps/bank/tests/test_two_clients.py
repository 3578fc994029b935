"""A second client, made through the desk alone, is paid; neither client meets the other's."""

import json
import re
import threading
from collections.abc import Callable, Generator
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook

from batua_bank.webhooks.service import deliver_due
from batua_config.settings import Settings
from batua_db.audit import prove
from batua_db.database import db
from batua_db.models.bank import Idempotency, PaymentSession
from batua_db.models.clients import Endpoint
from batua_db.models.outbox import Event
from batua_dev.client import FreshClient, fresh_client
from batua_dev.testing import Committed, wait_until_sealable

from .conftest import Receiver
from .platform_of import Platform, terms

undone = pytest.mark.usefixtures("banks")
AtDesk = Callable[..., FreshClient]


@pytest.fixture
def hears() -> Generator[Receiver]:
    """Where the shop hears."""
    receiver = Receiver()
    threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01}).start()
    yield receiver
    receiver.shutdown()
    receiver.server_close()


@pytest.fixture
def shop(bank_app: Flask, at_desk: AtDesk, hears: Any) -> Platform:
    """A platform that was made through the desk's pages, and knows its key only."""
    operator = at_desk()
    operator.submit(
        "/desk/clients/_new", client_id="shop", name="Shop", legal_name="Shop LLP",
        origins="https://shop.example",
    )  # fmt: skip
    made = operator.submit("/desk/clients/shop/keys/new", overlap="none").text
    key = re.search(r">(whsec_[^<]+)<", made)
    assert key
    added = operator.submit(
        "/desk/clients/shop/endpoints/new", url=f"{hears.url}/hooks", payment_succeeded="y"
    )
    assert added.status_code == 303
    return Platform(fresh_client(bank_app), "shop", key[1])


def pay(session: dict[str, Any], settings: Settings, customer: Any, approval: Any) -> Any:
    path = session["url"].removeprefix(settings.public_url("bank"))
    browser = customer()
    policy = browser.get(f"{path}/approve").headers["Content-Security-Policy"]
    origin = "/".join(session["return_url"].split("/")[:3])
    assert re.search(rf"form-action 'self' [^;]*{origin}(;| |$)", policy), policy
    return browser.submit(f"{path}/approve", **approval())


@pytest.mark.commits
def test_it_is_paid_and_hears_of_it_and_the_wallet_does_not(
    committed_banks: Committed, shop: Platform, hears: Any, wallet: Any, settings: Settings,
    customer: Any, approval: Any, bank_app: Flask,
) -> None:  # fmt: skip
    session = shop.post("/payment-sessions", terms("order-42")).get_json()
    paid = pay(session, settings, customer, approval)
    with bank_app.app_context():
        deliver_due()

    assert paid.location.startswith("https://shop.example/orders/42")
    ((path, headers, body),) = hears.got
    assert path == "/hooks"
    said: Any = Webhook(shop.key).verify(body, {k.lower(): v for k, v in headers.items()})
    assert (said["type"], said["data"]["reference"]) == ("payment.succeeded", "order-42")
    payments = shop.get("/payments?reference=order-42").get_json()["items"]
    assert payments == [said["data"]]
    balance = shop.get("/settlement?bank=SBB").get_json()["balance"]
    assert balance == session["amount"] == 250_00
    assert wallet.got == []
    assert json.loads(shop.get("/payments?reference=none").text)["items"] == []

    wait_until_sealable()
    proof = prove(committed_banks.engine, committed_banks.engine)
    assert proof.ok, proof
    assert {each.platform for each in proof.reconciliation} == {0}  # the wallet's accounts


@undone
def test_what_is_one_clients_is_not_there_for_the_other(
    shop: Platform, api: Any, settings: Settings, customer: Any, approval: Any
) -> None:
    """Whatever the call, read or write: another's object answers as one that never was."""
    theirs = api.ask()
    pay(theirs, settings, customer, approval)
    payment = api.get(f"/payments?reference={theirs['reference']}").get_json()["items"][0]
    payout = api.post("/payouts", {
        "amount": 100, "currency": "INR", "bank": "SBB", "account_number": "018100004471",
        "ifsc": "SBBB0000181", "holder": "Asha Rao", "reference": "out-1",
    }).get_json()  # fmt: skip
    refund = {"amount": 1, "reason": "A try"}

    assert shop.get(f"/payment-sessions/{theirs['id']}").status_code == 404
    assert shop.get(f"/payments/{payment['id']}").status_code == 404
    assert shop.get(f"/payouts/{payout['id']}").status_code == 404
    assert shop.post(f"/payments/{payment['id']}/refunds", refund).status_code == 404
    never = shop.post(f"/payments/{UUID(int=0)}/refunds", refund)
    theirs_refused = shop.post(f"/payments/{payment['id']}/refunds", refund)
    assert never.get_json() == theirs_refused.get_json()
    for path in (f"/payments?reference={theirs['reference']}", "/payouts?reference=out-1",
                 "/settlement/entries?bank=SBB&after=0"):  # fmt: skip
        assert shop.get(path).get_json()["items"] == [], path
    assert shop.get("/settlement?bank=SBB").get_json()["balance"] == 0
    assert api.get("/settlement?bank=SBB").get_json()["balance"] == 500_00
    assert len(api.get("/settlement/entries?bank=SBB&after=0").get_json()["items"]) == 1


@undone
def test_the_same_reference_and_the_same_key_of_two_clients_do_not_collide(
    shop: Platform, api: Any
) -> None:
    key, reference = str(uuid4()), "order-42"
    ours = shop.post("/payment-sessions", terms(reference), key)
    theirs = api.post("/payment-sessions", api.terms(reference=reference), key=key)

    assert (ours.status_code, theirs.status_code) == (201, 201)
    assert "Idempotent-Replay" not in theirs.headers
    assert ours.get_json()["id"] != theirs.get_json()["id"]
    again = shop.post("/payment-sessions", terms(reference), key)
    assert again.get_json() == ours.get_json()
    assert again.headers["Idempotent-Replay"] == "true"
    stored = select(PaymentSession.client).where(PaymentSession.reference == reference)
    assert set(db.session.scalars(stored)) == {"shop", "wallet"}
    kept = select(Idempotency.client).where(Idempotency.key == key)
    assert set(db.session.scalars(kept)) == {"shop", "wallet"}


@undone
def test_each_returns_to_its_own_origins_only(shop: Platform, api: Any) -> None:
    elsewhere = shop.post("/payment-sessions", terms("a", "https://evil.example"))
    to_the_wallet = shop.post("/payment-sessions", terms("b", "http://localhost:3001"))
    of_the_shop = api.post(
        "/payment-sessions", api.terms(return_url="https://shop.example/orders/42")
    )

    assert {each.status_code for each in (elsewhere, to_the_wallet, of_the_shop)} == {422}


@undone
def test_nobody_signs_for_another(shop: Platform, api: Any) -> None:
    assert Platform(shop.client, "wallet", shop.key).get("/banks").status_code == 401
    assert Platform(shop.client, "shop", api.settings.secrets[0]).get("/banks").status_code == 401
    assert Platform(shop.client, "nobody", shop.key).get("/banks").status_code == 401


@undone
def test_only_the_wallets_seals_are_kept(shop: Platform, api: Any) -> None:
    """Another's digests under its book's name would be taken for a book rewritten."""
    seal = {"book": "wallet", "number": 1, "digest": "ab" * 32}

    assert shop.post("/seals", {"items": [seal]}).status_code == 422
    assert api.post("/seals", {"items": [seal | {"digest": "cd" * 32}]}).status_code == 201


@undone
def test_the_desk_replays_what_the_shop_missed(
    shop: Platform, hears: Any, at_desk: AtDesk, settings: Settings, customer: Any, approval: Any,
    bank_app: Flask, csrf: Callable[[str], str],
) -> None:  # fmt: skip
    hears.will(410)
    session = shop.post("/payment-sessions", terms("order-42")).get_json()
    pay(session, settings, customer, approval)
    with bank_app.app_context():
        deliver_due()
    event = db.session.scalars(select(Event.id)).one()
    operator = at_desk()
    page = operator.get(f"/desk/clients/shop/events/{event}").text
    assert "Given up" in page
    assert ">410" in page
    assert "x" * 1024 in page

    for endpoint in db.session.scalars(select(Endpoint.id).where(Endpoint.client_id == "shop")):
        where = f"/desk/clients/shop/endpoints/{endpoint}"
        enabled = {"csrf_token": csrf(operator.get(where).text)}
        assert operator.post(f"{where}/enable", data=enabled).status_code == 303
    sent = operator.submit(
        "/desk/clients/shop/replay", type="payment.succeeded", only_failed="y",
        since="2026-01-01T00:00", until="2126-01-01T00:00", endpoint="",
    )  # fmt: skip
    assert sent.status_code == 303, sent.text
    assert "On their way: 1" in operator.get(sent.location).text
    with bank_app.app_context():
        deliver_due()
    assert [path for path, *_ in hears.got] == ["/hooks", "/hooks"]
    assert "Delivered" in operator.get(f"/desk/clients/shop/events/{event}").text
