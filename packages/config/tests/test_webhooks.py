"""Webhooks are verified over their raw bytes, and read strictly after that."""

import base64
import itertools
from datetime import UTC, datetime

import pytest
import time_machine
from standardwebhooks.webhooks import Webhook

from batua_config import webhooks
from batua_config.webhooks import NotAuthentic, Unreadable

OLD = "whsec_" + base64.b64encode(b"o" * 32).decode()
NEW = "whsec_" + base64.b64encode(b"n" * 32).decode()
BODY = '{"type": "payment.succeeded", "note": "चाय"}'.encode()


def test_what_is_signed_verifies_and_names_its_message() -> None:
    assert webhooks.verify([OLD], webhooks.sign([OLD], "evt_1", BODY), BODY) == "evt_1"


def test_the_public_library_agrees_both_ways() -> None:
    now = datetime.now(UTC)
    theirs = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(OLD).sign("msg_1", now, BODY.decode()),
    }

    assert webhooks.verify([NEW, OLD], theirs, BODY) == "msg_1"
    assert Webhook(OLD).verify(BODY, webhooks.sign([OLD], "evt_2", BODY))


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "evt_2"},
        {"webhook-id": ""},
        {"webhook-id": "é"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "１７００００００００"},
        {"webhook-timestamp": "1e9"},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "9" * 12},
        {"webhook-timestamp": "9" * 400},
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,%%%"},
        {"webhook-signature": "v1,é"},
        {"webhook-signature": "v1,AAA"},
        {"webhook-signature": "v2,AAAA"},
        {"webhook-signature": "v1,AAAA v1"},
        {"webhook-signature": "v1,a,b"},
        {"webhook-signature": "\x00"},
    ],
)
def test_a_changed_or_malformed_header_is_not_authentic(change: dict[str, str]) -> None:
    headers = webhooks.sign([OLD], "evt_1", BODY) | change

    with pytest.raises(NotAuthentic):
        webhooks.verify([OLD], headers, BODY)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_every_header_is_needed(missing: str) -> None:
    headers = webhooks.sign([OLD], "evt_1", BODY)
    del headers[missing]

    with pytest.raises(NotAuthentic):
        webhooks.verify([OLD], headers, BODY)


def test_the_same_json_in_other_bytes_is_not_authentic() -> None:
    headers = webhooks.sign([OLD], "evt_1", BODY)

    for other in (BODY.replace(b": ", b":"), BODY + b"\n", b"\xff\xfe", b""):
        with pytest.raises(NotAuthentic):
            webhooks.verify([OLD], headers, other)


def test_one_good_signature_among_several_is_enough() -> None:
    headers = webhooks.sign([OLD], "evt_1", BODY)
    headers["webhook-signature"] = "v1,AAAA v1a,AAAA " + headers["webhook-signature"]

    assert webhooks.verify([OLD], headers, BODY) == "evt_1"


@pytest.mark.parametrize(("age", "good"), [(-240, True), (-360, False), (240, True), (360, False)])
def test_clocks_may_differ_by_five_minutes(age: int, good: bool) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        headers = webhooks.sign([OLD], "evt_1", BODY)
        clock.shift(age)
        if good:
            assert webhooks.verify([OLD], headers, BODY)
        else:
            with pytest.raises(NotAuthentic):
                webhooks.verify([OLD], headers, BODY)


def test_secrets_rotate_without_a_refused_message() -> None:
    steps = [[OLD], [OLD, NEW], [NEW, OLD], [NEW]]
    for before, after in itertools.pairwise(steps):
        for signer, verifier in ((before, after), (after, before)):
            assert webhooks.verify(verifier, webhooks.sign(signer, "evt_1", BODY), BODY)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"a": 1, "a": 2}',
        b'{"data": {"amount": 1, "amount": 2}}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b"\xff",
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_a_body_is_one_strict_object(body: bytes) -> None:
    with pytest.raises(Unreadable):
        webhooks.parse(body)


def test_a_good_body_is_read() -> None:
    assert webhooks.parse(BODY)["note"] == "चाय"
