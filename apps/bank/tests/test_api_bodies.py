"""What the API refuses, and how it says so."""

import json
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("banks")

GOOD = 500_00


@pytest.mark.parametrize("amount", [1, 4522, 4522.0, 10**11, 1e2])
def test_amounts_that_can_be_asked_for(api: Any, amount: float) -> None:
    answer = api.post("/payment-sessions", api.terms(amount=amount))

    assert answer.status_code == 201
    assert json.loads(answer.text)["amount"] == int(amount)
    assert type(json.loads(answer.text)["amount"]) is int


@pytest.mark.parametrize(
    "written",
    ["0", "-1", "-0.0", "0.5", "4522.5", "true", "false", "null", '"4522"', '"4522.0"', "1e400",
     "-1e400", "100000000001", "1e12", "[4522]", "{}", "9" * 400],
)  # fmt: skip
def test_amounts_that_nobody_can_be_asked_for(api: Any, written: str) -> None:
    body = json.dumps(api.terms()).replace(f'"amount": {GOOD}', f'"amount": {written}')
    answer = api.post("/payment-sessions", body.encode())

    assert answer.status_code == 422
    error = answer.get_json()["error"]
    assert (error["code"], error["field"]) == ("invalid_amount", "amount")
    assert error["message"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b'{"amount": NaN}',
        b'{"amount": Infinity}',
        b'{"amount": 1, "amount": 1}',
        b'{"a":' * 12_000,
        b'{"a":' * 12_000 + b"1" + b"}" * 5_000,
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b"[" * 60_000,
        b"{'amount': 1}",
        b'{"amount": 1}x',
    ],
)
def test_what_is_not_one_json_object_is_400(api: Any, content: bytes) -> None:
    answer = api.post("/payment-sessions", content, content_type="application/json")

    assert answer.status_code == 400
    assert answer.get_json()["error"]["code"] == "bad_request"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"currency": "USD"}, "invalid_currency"),
        ({"currency": "inr"}, "invalid_currency"),
        ({"currency": 1}, "invalid_currency"),
        ({"bank": "XYZ"}, "unknown_bank"),
        ({"bank": "sbb"}, "invalid_bank"),
        ({"bank": "SBB\n"}, "invalid_bank"),
        ({"bank": "\x00"}, "invalid_bank"),
        ({"bank": ["SBB"]}, "invalid_bank"),
        ({"reference": ""}, "invalid_reference"),
        ({"reference": "x" * 65}, "invalid_reference"),
        ({"reference": "a b"}, "invalid_reference"),
        ({"reference": "१२"}, "invalid_reference"),
        ({"reference": "a\x00"}, "invalid_reference"),
        ({"reference": None}, "invalid_reference"),
        ({"description": "x" * 141}, "invalid_description"),
        ({"description": 7}, "invalid_description"),
        ({"return_url": "https://evil.example/"}, "invalid_return_url"),
        ({"return_url": "http://localhost:3001/" + "x" * 2000}, "invalid_return_url"),
        ({"status": "succeeded"}, "unknown_field"),
        ({"id": "1"}, "unknown_field"),
    ],
)
def test_a_wrong_field_is_named(api: Any, change: dict[str, Any], code: str) -> None:
    answer = api.post("/payment-sessions", api.terms(**change))

    assert answer.status_code == 422
    error = answer.get_json()["error"]
    assert (error["code"], error["field"]) == (code, next(iter(change)))
    assert error["message"].endswith(".")


@pytest.mark.parametrize("missing", ["amount", "currency", "bank", "reference", "return_url"])
def test_a_missing_field_is_named(api: Any, missing: str) -> None:
    terms = api.terms()
    del terms[missing]
    answer = api.post("/payment-sessions", terms)

    assert answer.status_code == 422
    assert answer.get_json()["error"]["field"] == missing


def test_a_description_is_cleaned(api: Any) -> None:
    answer = api.post(
        "/payment-sessions", api.terms(description=" Rent \u202e for\x00  May\ud800 <b> ")
    )

    assert answer.status_code == 201
    assert answer.get_json()["description"] == "Rent for May <b>"


def test_every_failure_is_json(api: Any) -> None:
    answers = {
        404: api.get("/nowhere"),
        405: api.call("DELETE", "/banks", key="k", content_type="application/json"),
        413: api.post("/payment-sessions", b"{" + b" " * 70_000),
        415: api.post("/payment-sessions", b"a=1", content_type="text/plain"),
    }

    for status, answer in answers.items():
        assert answer.status_code == status
        assert set(answer.get_json()["error"]) == {"code", "message", "field"}


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json"]
)
def test_only_json_is_read(api: Any, kind: str) -> None:
    answer = api.post("/payment-sessions", api.terms(), content_type=kind)

    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/payments?after=", 422),
        ("/payments?after=x", 422),
        ("/payments?after=00000000-0000-0000-0000-000000000000", 422),
        ("/payments?limit=0", 422),
        ("/payments?limit=201", 422),
        ("/payments?limit=1_0", 422),
        ("/payments?limit=%EF%BC%91", 422),
        ("/payouts?after=x", 422),
        ("/events?after=x", 422),
        ("/events?after=%00", 422),
        ("/events?after=evt_00000000000000000000000000000000", 422),
        ("/events?order=random", 422),
        ("/events?type=payment", 422),
        ("/events/evt_0", 404),
        ("/events/evt_00000000000000000000000000000000", 404),
        ("/payments/00000000-0000-0000-0000-000000000000/refunds", 404),
        ("/payments?reference=", 422),
        ("/payments?reference=%00", 422),
        ("/payments?reference=a&reference=b", 400),
        ("/settlement", 422),
        ("/settlement?bank=XYZ", 422),
        ("/settlement?bank=%F0%9F%92%A9", 422),
        ("/seals?after=-1", 422),
        ("/seals?after=x", 422),
        ("/seals?after=99999999999999999999", 422),
        ("/payments/not-a-uuid", 404),
        ("/payments/00000000-0000-0000-0000-000000000000", 404),
        ("/payment-sessions/00000000-0000-0000-0000-000000000000", 404),
    ],
)
def test_questions_that_have_no_answer(api: Any, path: str, status: int) -> None:
    answer = api.get(path)

    assert answer.status_code == status
    assert answer.get_json()["error"]["message"]
