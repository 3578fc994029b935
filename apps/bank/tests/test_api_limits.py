"""How often a client may call, and what every answer carries."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr

from batua_bank.api import limits
from batua_config.current import EXTENSION
from batua_config.redis import connect
from batua_config.settings import Settings

pytestmark = pytest.mark.usefixtures("banks")


@pytest.fixture
def allow(
    bank_app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Callable[[int], None]:
    """``allow(n)``: let each client call so many times a minute, and nobody has yet."""

    def set_to(calls: int) -> None:
        few = settings.model_copy(update={"API_CALLS_PER_MINUTE": calls})
        monkeypatch.setitem(bank_app.extensions, EXTENSION, few)

    return set_to


@pytest.fixture
def without_redis(bank_app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    away = connect(settings.model_copy(update={"REDIS_URL": SecretStr("redis://127.0.0.1:1")}))
    monkeypatch.setitem(bank_app.extensions, limits.EXTENSION, limits.Throttle(away, settings))


def assert_limited(answer: Any) -> None:
    assert answer.status_code == 429
    assert answer.get_json()["error"]["code"] == "rate_limited"
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert answer.headers["X-Request-ID"]


def test_one_call_too_many_is_asked_to_wait(api: Any, allow: Any) -> None:
    allow(3)
    answers = [api.get("/banks") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert_limited(answers[-1])


def test_another_client_is_not_kept_waiting(
    api: Any, allow: Any, monkeypatch: pytest.MonkeyPatch, other_client: str
) -> None:
    allow(1)
    assert [api.get("/banks").status_code for _ in range(2)] == [200, 429]
    monkeypatch.setattr("batua_bank.clients.registry.secrets_of", lambda _: api.settings.secrets)
    token = api.sign("GET", "/api/v1/banks", client=other_client)

    assert api.get("/banks", token=token).status_code == 200


def test_who_is_not_known_is_not_counted(api: Any, allow: Any) -> None:
    allow(1)
    for _ in range(3):
        assert api.get("/banks", token="x").status_code == 401

    assert api.get("/banks").status_code == 200


def test_a_write_that_had_to_wait_is_made_later_under_its_key(api: Any, allow: Any) -> None:
    terms = api.terms()
    allow(1)
    api.get("/banks")
    assert_limited(api.post("/payment-sessions", terms, key="k"))
    allow(100)
    answer = api.post("/payment-sessions", terms, key="k")

    assert answer.status_code == 201
    assert "Idempotent-Replay" not in answer.headers


@pytest.mark.usefixtures("without_redis")
def test_without_redis_calls_are_counted_all_the_same(api: Any, allow: Any) -> None:
    allow(3)
    answers = [api.get("/banks") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert_limited(answers[-1])


def test_every_answer_names_its_request(api: Any) -> None:
    own = "support-case-4711"
    answers = [
        api.get("/banks", **{"X-Request-ID": own}),
        api.get("/banks", token="x", **{"X-Request-ID": own}),
        api.get("/nowhere", **{"X-Request-ID": own}),
    ]
    odd = [
        api.get("/banks", **{"X-Request-ID": id_}) for id_ in ("short", "a b c d e f g", "x" * 65)
    ]

    assert [answer.headers["X-Request-ID"] for answer in answers] == [own] * 3
    named = [answer.headers["X-Request-ID"] for answer in odd]
    assert [len(name) for name in named] == [32] * 3
    assert len(set(named)) == 3
