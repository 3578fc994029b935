"""A write is made once per key, and every repeat is answered as the first time."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import func, select

from batua_config.settings import Settings
from batua_db.database import db
from batua_db.models.bank import Idempotency, PaymentSession
from batua_dev.client import fresh_client


def count(model: Any) -> int:
    return db.session.execute(select(func.count()).select_from(model)).scalar_one()


@pytest.mark.usefixtures("banks")
class TestOneAfterAnother:
    def test_a_repeat_is_answered_as_the_first_time(self, api: Any) -> None:
        terms = api.terms()
        first = api.post("/payment-sessions", terms, key="k")
        again = api.post("/payment-sessions", terms, key="k")

        assert (first.status_code, again.status_code) == (201, 201)
        assert first.data == again.data
        assert "Idempotent-Replay" not in first.headers
        assert again.headers["Idempotent-Replay"] == "true"
        assert count(PaymentSession) == 1

    def test_the_link_of_a_repeat_works(self, api: Any) -> None:
        terms = api.terms()
        api.post("/payment-sessions", terms, key="k")
        url = api.post("/payment-sessions", terms, key="k").get_json()["url"]

        assert api.client.get(url[url.index("/pay/") :]).status_code == 200

    def test_no_link_is_stored(self, api: Any, redis: Redis) -> None:
        token = api.ask()["path"].removeprefix("/pay/")
        stored = repr([vars(row) for row in db.session.query(PaymentSession)])
        stored += "".join(row.body for row in db.session.query(Idempotency))
        stored += repr([(key, redis.get(key)) for key in redis.keys()])  # noqa: SIM118

        assert len(token) == 43
        assert token not in stored

    def test_the_same_terms_in_other_words_are_the_same(self, api: Any) -> None:
        terms = api.terms()
        other = {**dict(reversed(terms.items())), "amount": float(terms["amount"])}
        first = api.post("/payment-sessions", terms, key="k")
        again = api.post("/payment-sessions", json.dumps(other, indent=1).encode(), key="k")

        assert again.data == first.data

    def test_other_terms_under_the_same_key_are_refused(self, api: Any) -> None:
        terms = api.terms()
        api.post("/payment-sessions", terms, key="k")
        answer = api.post("/payment-sessions", {**terms, "amount": 1}, key="k")

        assert answer.status_code == 409
        assert answer.get_json()["error"]["code"] == "idempotency_mismatch"

    def test_the_same_key_for_another_call_is_refused(self, api: Any) -> None:
        api.post("/payment-sessions", api.terms(), key="k")

        assert api.post("/seals", {"items": []}, key="k").status_code == 409

    def test_another_key_for_the_same_reference_is_refused(self, api: Any) -> None:
        terms = api.terms()
        api.post("/payment-sessions", terms)
        answer = api.post("/payment-sessions", terms)

        assert answer.status_code == 409
        assert answer.get_json()["error"]["code"] == "reference_used"

    @pytest.mark.parametrize("change", [{"amount": 0}, {"bank": "XYZ"}, {"return_url": "x"}])
    def test_a_refusal_is_remembered(self, api: Any, change: dict[str, Any]) -> None:
        terms = api.terms(**change)
        first = api.post("/payment-sessions", terms, key="k")
        again = api.post("/payment-sessions", terms, key="k")
        mended = api.post("/payment-sessions", api.terms(), key="k")

        assert (first.status_code, again.status_code) == (422, 422)
        assert again.data == first.data
        assert again.headers["Idempotent-Replay"] == "true"
        assert mended.status_code == 409

    def test_what_could_not_be_read_is_not_remembered(self, api: Any) -> None:
        assert api.post("/payment-sessions", b"{", key="k").status_code == 400
        assert api.call("POST", "/payment-sessions", b"{}", key="k", token="x").status_code == 401
        assert api.post("/payment-sessions", api.terms(), key="k").status_code == 201

    def test_without_redis_nothing_is_done_nor_remembered(
        self, api: Any, bank_app: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        terms = api.terms()
        with monkeypatch.context() as down:
            down.setitem(bank_app.extensions, "redis", nobody())
            answer = api.post("/payment-sessions", terms, key="k")

        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.get_json()["error"]["code"] == "unavailable"
        assert (count(PaymentSession), count(Idempotency)) == (0, 0)
        assert api.post("/payment-sessions", terms, key="k").status_code == 201

    def test_a_failure_of_ours_is_not_remembered(
        self, api: Any, bank_app: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        terms = api.terms()
        with monkeypatch.context() as broken:
            broken.setattr("batua_bank.pay.links.publish", lambda _: 1 / 0)
            broken.setattr(bank_app, "testing", value=False)
            assert api.post("/payment-sessions", terms, key="k").status_code == 500

        assert count(PaymentSession) == 0
        assert api.post("/payment-sessions", terms, key="k").status_code == 201


def nobody() -> Redis:
    """A Redis that isn't there."""
    return Redis(port=1, socket_connect_timeout=0.2)


def insist(api: Any, terms: dict[str, Any], key: str) -> Any:
    """Ask as the wallet does: again, with the same key, where the answer was to try later."""
    while (answer := api.post("/payment-sessions", terms, key=key)).status_code == 503:
        time.sleep(0.1)
    return answer


@pytest.mark.commits
@pytest.mark.usefixtures("committed_banks")
def test_twenty_at_once_with_one_key_make_one_session(
    api: Any, bank_app: Flask, settings: Settings
) -> None:
    terms, key = api.terms(), str(uuid4())

    def ask(_: int) -> Any:
        return insist(type(api)(fresh_client(bank_app), settings), terms, key)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask, range(20)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotent-Replay" not in answer.headers for answer in answers) == 1
    assert count(PaymentSession) == 1


@pytest.mark.commits
@pytest.mark.usefixtures("committed_banks")
def test_twenty_keys_at_once_for_one_reference_make_one_session(
    api: Any, bank_app: Flask, settings: Settings
) -> None:
    terms = api.terms()

    def ask(number: int) -> Any:
        return insist(type(api)(fresh_client(bank_app), settings), terms, f"key-{number}")

    with ThreadPoolExecutor(20) as pool:
        statuses = sorted(answer.status_code for answer in pool.map(ask, range(20)))

    assert statuses == [201] + [409] * 19
    assert count(PaymentSession) == 1
