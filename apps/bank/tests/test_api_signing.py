"""Every call is signed, and only by who may call."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from pydantic import SecretStr

from batua_config import service_token
from batua_config.current import EXTENSION
from batua_config.settings import Settings

pytestmark = pytest.mark.usefixtures("banks")

OTHER = "whsec_b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldC1vdGhlcg=="


def test_a_signed_call_is_answered(api: Any) -> None:
    answer = api.get("/banks")

    assert answer.status_code == 200
    assert answer.get_json()["items"][0] == {
        "code": "CCB",
        "name": "Coastal Commerce Bank",
        "ifsc_prefix": "CCBK",
    }
    assert answer.get_json()["next"] is None


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Basic d2FsbGV0OngK", "Bearer a.b.c", "Bearer \xe2\x80"],
)  # fmt: skip
def test_an_unsigned_call_learns_nothing(api: Any, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = api.client.get("/api/v1/banks", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.get_json()["error"]["code"] == "unauthorized"


def tampered(api: Any) -> dict[str, str]:
    """Tokens for another call than POST /api/v1/seals {} under key k."""
    path, body = "/api/v1/seals", b"{}"
    return {
        "method": api.sign("PUT", path, body, "k"),
        "path": api.sign("POST", "/api/v1/seal", body, "k"),
        "query": api.sign("POST", f"{path}?after=1", body, "k"),
        "body": api.sign("POST", path, b"{ }", "k"),
        "key": api.sign("POST", path, body, "l"),
        "no key": api.sign("POST", path, body),
        "client": api.sign("POST", path, body, "k", client="bank"),
        "salt": URLSafeTimedSerializer(api.settings.secrets[0], salt="other").dumps([]),
        "terms": URLSafeTimedSerializer(
            api.settings.secrets[0], salt=service_token.SALT
        ).dumps({"wallet": True}),
        "secret": service_token.sign(
            [OTHER], "wallet", method="POST", path_and_query=path, body=body, key="k"
        ),
    }  # fmt: skip


def test_a_token_covers_every_part_of_the_call(api: Any) -> None:
    answers = {
        part: api.call("POST", "/seals", b"{}", key="k", token=token)
        for part, token in tampered(api).items()
    }

    assert {part: answer.status_code for part, answer in answers.items()} == dict.fromkeys(
        answers, 401
    )
    assert len({answer.text for answer in answers.values()}) == 1


@pytest.mark.parametrize(
    ("age", "status"), [(-301, 401), (-298, 200), (0, 200), (358, 200), (362, 401)]
)
def test_clocks_may_differ_by_minutes(api: Any, age: int, status: int) -> None:
    with time_machine.travel(datetime.now(UTC) - timedelta(seconds=age)):
        token = api.sign("GET", "/api/v1/banks")

    assert api.get("/banks", token=token).status_code == status


def test_a_rotated_secret_fails_no_call(
    api: Any, bank_app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = settings.secrets[0]
    rotating = settings.model_copy(update={"SECRET": SecretStr(f"{OTHER} {old}")})
    monkeypatch.setitem(bank_app.extensions, EXTENSION, rotating)
    new = service_token.sign([OTHER], "wallet", method="GET", path_and_query="/api/v1/banks")

    assert api.get("/banks").status_code == 200
    assert api.get("/banks", token=new).status_code == 200


def test_the_query_is_signed_as_it_was_sent(api: Any) -> None:
    assert api.get("/payments?reference=a%2Db").status_code == 200
    assert api.get("/settlement?bank=SBB").status_code == 200
    token = api.sign("GET", "/api/v1/banks")
    assert (
        api.client.get("/api/v1/banks?", headers={"Authorization": f"Bearer {token}"}).status_code
        == 200
    )


def test_a_cookie_counts_for_nothing(customer: Any) -> None:
    assert customer().get("/api/v1/banks").status_code == 401


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_a_write_needs_a_key(api: Any, key: str) -> None:
    answer = api.call("POST", "/payment-sessions", b"{}", key=key)

    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.get_json()["error"]["message"]
