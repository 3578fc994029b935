"""The tester says whether a signature fits, and what exactly differs, without the secret."""

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook as Library

from batua_bank.clients import keys, service
from batua_bank.clients.checking import Finding, Webhook, check_webhook
from batua_bank.clients.checking_calls import Signed, check_call
from batua_bank.outbox import announce
from batua_bank.webhooks.sender import letter_body
from batua_config import service_token, webhooks
from batua_db.database import db, transaction
from batua_db.models.outbox import Event

pytestmark = pytest.mark.usefixtures("session")
PATH = "/api/v1/payouts?reference=a"
BODY = '{"amount": 100, "note": "चाय"}'


@pytest.fixture(autouse=True)
def inside(bank_app: Flask, banks: None) -> Any:
    with bank_app.app_context():
        yield


@pytest.fixture
def key(inside: None) -> str:
    """The key of a shop."""
    with transaction():
        client = service.make("shop", name="Shop", legal_name="Shop LLP", origins=[])
        return keys.make(client, id=uuid4(), overlap="day")


def webhook(key: str, body: str = BODY, **changes: str) -> Webhook:
    headers = webhooks.sign([key], "msg_1", body.encode())
    got = Webhook("msg_1", headers["webhook-timestamp"], headers["webhook-signature"], body)
    return got._replace(**changes)


def said(given: Webhook) -> dict[str, Finding]:
    return {found.title: found for found in check_webhook("shop", given)}


def tones(given: Webhook) -> list[str]:
    return [found.tone for found in check_webhook("shop", given)]


def made(key: bytes, *, over: str, stamp: str) -> Webhook:
    signature = base64.b64encode(hmac.digest(key, over.encode(), "sha256")).decode()
    return Webhook("msg_1", stamp, f"v1,{signature}", BODY)


def test_one_that_fits(key: str) -> None:
    assert tones(webhook(key)) == ["good", "good"]
    assert said(webhook(key))["The signature fits"].text == f"The key …{key[-4:]} made it."


def test_an_old_one_is_looked_at_all_the_same(key: str) -> None:
    stamp = str(int(time.time()) - 900)
    raw = base64.b64decode(key.removeprefix("whsec_"))
    given = made(raw, over=f"msg_1.{stamp}.{BODY}", stamp=stamp)

    assert tones(given) == ["wait", "good"]
    assert "It was signed 15 minutes ago" in said(given)["The time is outside the tolerance"].text


@pytest.mark.parametrize("other", [BODY + "\n", json.dumps(json.loads(BODY))])
def test_a_body_that_was_written_anew(key: str, other: str) -> None:
    found = said(webhook(key, body=other)._replace(body=BODY))

    assert "before parsing" in found["The body is not as it was signed"].text


def test_a_body_of_ours_that_was_changed(key: str) -> None:
    with transaction():
        announce("shop", "payment.succeeded", {"id": "p", "amount": 1})
    event = db.session.scalars(select(Event)).one()
    sent = letter_body(event.type, event.created_at, event.data).decode()
    given = webhook(key, body=sent)
    headers = webhooks.sign([key], event.id, sent.encode())
    given = given._replace(message_id=event.id, signature=headers["webhook-signature"])

    spaced = said(given._replace(body=json.dumps(json.loads(sent))))
    other = said(given._replace(body=sent.replace('"amount":1', '"amount":100')))
    assert "the same JSON, written anew" in spaced["The body differs from what we sent"].text
    assert "“" in other["The body differs from what we sent"].text
    assert "The signature is of what we sent" in spaced.keys() & other.keys()
    strange = said(given._replace(signature="v1," + base64.b64encode(b"x" * 32).decode()))
    assert {"The body is as we sent it", "No key of this client’s made it"} <= strange.keys()


@pytest.mark.parametrize(
    ("wrong", "title"),
    [
        ("all text", "The key was used as text"),
        ("bare text", "The key was used as text"),
        ("body alone", "It does not cover the headers"),
        ("no id", "It does not cover the headers"),
        ("plain hash", "It is a plain hash"),
        ("other key", "No key of this client’s made it"),
    ],
)
def test_what_is_often_done_wrong_has_a_name(key: str, wrong: str, title: str) -> None:
    stamp, raw = str(int(time.time())), base64.b64decode(key.removeprefix("whsec_"))
    full = f"msg_1.{stamp}.{BODY}"
    given = {
        "all text": made(key.encode(), over=full, stamp=stamp),
        "bare text": made(key.removeprefix("whsec_").encode(), over=full, stamp=stamp),
        "body alone": made(raw, over=BODY, stamp=stamp),
        "no id": made(raw, over=f"{stamp}.{BODY}", stamp=stamp),
        "other key": made(b"x" * 32, over=full, stamp=stamp),
    }.get(wrong)
    if given is None:
        plain = base64.b64encode(hashlib.sha256(full.encode()).digest()).decode()
        given = Webhook("msg_1", stamp, f"v1,{plain}", BODY)

    assert title in said(given)


@pytest.mark.parametrize("signature", ["", "v1", "abc", "v1,%%", "v2,AAAA", "sha256=00"])
def test_what_is_no_signature(key: str, signature: str) -> None:
    assert "This is no signature" in said(webhook(key, signature=signature))


@pytest.mark.parametrize("stamp", ["", "soon", "1e9", "१७", "9" * 13])
def test_what_is_no_timestamp(key: str, stamp: str) -> None:
    assert "This is no timestamp" in said(webhook(key, timestamp=stamp))


def test_a_key_that_has_retired(key: str) -> None:
    with transaction():
        keys.make(service.find("shop"), id=uuid4(), overlap="none")

    assert said(webhook(key))["A retired key made it"].tone == "bad"


def test_no_secret_and_no_right_signature_is_told(key: str) -> None:
    given = webhook(key, signature="v1," + base64.b64encode(b"x" * 32).decode())
    right = Library(key).sign(given.message_id, datetime.now(UTC), BODY)
    text = " ".join(map(" ".join, check_webhook("shop", given)))

    assert key[6:] not in text
    assert right.removeprefix("v1,") not in text


def call(secret: str, /, client: str = "shop", **changes: Any) -> Signed:
    terms: dict[str, Any] = {"method": "POST", "path_and_query": PATH, "body": BODY, "key": "k"}
    signed = terms | changes
    signed["body"] = signed["body"].encode()
    token = service_token.sign([secret], client, **signed)
    return Signed(token, "POST", PATH, "k", BODY)


def bad(given: Signed) -> list[str]:
    return [found.title for found in check_call("shop", given) if found.tone == "bad"]


def test_a_call_that_fits(key: str) -> None:
    assert [found.tone for found in check_call("shop", call(key))] == ["good"] * 7


@pytest.mark.parametrize(
    ("changes", "title", "text"),
    [
        ({"method": "GET"}, "The method differs", "“GET”"),
        ({"path_and_query": "/payouts?reference=a"}, "The path differs", "begins with /api/v1"),
        ({"path_and_query": PATH + "?"}, "The path differs", "no “?”"),
        ({"key": ""}, "The Idempotency-Key differs", "“”"),
        ({"client": "other"}, "The client differs", "“other”"),
        ({"body": ""}, "The body differs", "an empty body"),
        ({"body": '{"amount":100,"note":"चाय"}'}, "The body differs", "written anew"),
        ({"body": "{}"}, "The body differs", "SHA-256"),
    ],
)
def test_the_part_that_differs_is_named(
    key: str, changes: dict[str, str], title: str, text: str
) -> None:
    given = call(key, **changes)

    assert bad(given) == [title]
    assert any(text in found.text for found in check_call("shop", given))


def test_the_wrong_key_and_the_key_read_wrongly(key: str) -> None:
    assert bad(call("whsec_AAAA")) == ["No key of this client’s made it"]
    assert bad(call(key.removeprefix("whsec_"))) == ["The key was changed before it signed"]


def test_a_token_that_is_none(key: str) -> None:
    for token in ("", "a.b.c", "x" * 300, call(key).token[:-40]):
        given = call(key)._replace(token=token)
        assert set(bad(given)) & {"This is no token", "No key of this client’s made it"}
