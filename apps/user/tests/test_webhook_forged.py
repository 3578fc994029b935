"""What is forged, stale or unreadable changes nothing, and never breaks us."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from pydantic import SecretStr

from batua_config import webhooks
from batua_config.settings import Settings
from batua_db.models.wallet import User
from batua_db.money import Money

from .helpers import Balance, MakeTopup, StateOf
from .webhook_books import inbox


@pytest.mark.usefixtures("session")
class TestForged:
    @pytest.fixture
    def nothing_changes(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance, state_of: StateOf
    ) -> Callable[..., None]:
        """Send something about a real top-up, and see that it did nothing."""
        topup = make_topup(asha)

        def check(send: Callable[[dict[str, Any]], Any], *statuses: int) -> None:
            answer = send(the_bank.payment(topup))
            assert answer.status_code in statuses, answer.text
            assert balance(asha) == Money(0)
            assert state_of(topup) == "pending"
            assert inbox() == []

        return check

    def test_unsigned(self, the_bank: Any, nothing_changes: Callable[..., None]) -> None:
        nothing_changes(lambda data: the_bank.post(json.dumps(data).encode(), {}), 401)

    def test_signed_with_another_secret(
        self, the_bank: Any, nothing_changes: Callable[..., None]
    ) -> None:
        def send(data: dict[str, Any]) -> Any:
            body = json.dumps({"type": "payment.succeeded", "data": data}).encode()
            secret = "whsec_" + "QUJD" * 12
            return the_bank.post(body, webhooks.sign([secret], "evt_1", body))

        nothing_changes(send, 401)

    @pytest.mark.parametrize("minutes", [-6, 6])
    def test_stale_or_from_the_future(
        self, the_bank: Any, nothing_changes: Callable[..., None], minutes: int
    ) -> None:
        def send(data: dict[str, Any]) -> Any:
            body = json.dumps({"type": "payment.succeeded", "data": data}).encode()
            with time_machine.travel(datetime.now(UTC) + timedelta(minutes=minutes), tick=False):
                headers = webhooks.sign(the_bank.settings.secrets, "evt_1", body)
            return the_bank.post(body, headers)

        nothing_changes(send, 401)

    def test_written_anew_after_signing(
        self, the_bank: Any, nothing_changes: Callable[..., None]
    ) -> None:
        def send(data: dict[str, Any]) -> Any:
            message = {"type": "payment.succeeded", "data": data}
            headers = webhooks.sign(the_bank.settings.secrets, "e1", json.dumps(message).encode())
            return the_bank.post(json.dumps(message, indent=1).encode(), headers)

        nothing_changes(send, 401)

    @pytest.mark.parametrize(
        "headers",
        [
            {"webhook-timestamp": "now"},
            {"webhook-timestamp": "١٢٣"},
            {"webhook-signature": "v1"},
            {"webhook-signature": "v1,é"},
            {"webhook-signature": ""},
            {"webhook-id": ""},
            {"webhook-id": "x" * 4000},
            {"webhook-id": "ünï"},
        ],
    )
    def test_malformed_headers(
        self, the_bank: Any, nothing_changes: Callable[..., None], headers: dict[str, str]
    ) -> None:
        raw = {name: value.encode().decode("latin-1") for name, value in headers.items()}
        nothing_changes(lambda data: the_bank.send(json.dumps(data).encode(), **raw), 401)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"null",
            b"[]",
            b'"text"',
            b"{",
            b"{}",
            b'{"type": "payment.succeeded"}',
            b'{"type": "payment.succeeded", "data": null}',
            b'{"type": "payment.succeeded", "data": []}',
            b'{"type": 5, "data": {}}',
            b'{"type": "\\u0000", "data": {}}',
            b'{"type": "\\ud800", "data": {}}',
            b'{"type": "a", "type": "b", "data": {}}',
            b'{"type": "payment.succeeded", "data": NaN}',
            b'{"type": "' + b"a" * 200 + b'", "data": {}}',
            b"[" * 5000,
            b'{"a":' * 3000,
            b'{"type": "payment.declined", "data": {}}',
            b'{"type": "payment.expired", "data": {"reference": 5}}',
            '{"type": "payment.succeeded", "data": {}}'.encode("utf-16"),
            b'\xff\xfe{"type": "x"}',
            b'{"type": "x", "data": {"n": ' + b"9" * 5000 + b"}}",
        ],
    )
    def test_signed_but_unreadable(
        self, the_bank: Any, nothing_changes: Callable[..., None], body: bytes
    ) -> None:
        def send(_data: dict[str, Any]) -> Any:
            try:
                return the_bank.send(body)
            except UnicodeDecodeError:  # nobody can sign what is not text
                return the_bank.post(body, webhooks.sign(the_bank.settings.secrets, "e", b"{}"))

        nothing_changes(send, 400, 401)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"amount": "50000"},
            {"amount": True},
            {"amount": 0},
            {"amount": -1},
            {"amount": 500.5},
            {"amount": 10**11 + 1},
            {"amount": 10**30},
            {"amount": 1e300},
            {"amount": None},
            {"amount": {}},
            {"currency": "USD"},
            {"currency": None},
            {"bank": 5},
            {"bank": "sbb"},
            {"bank": "A" * 20},
            {"reference": None},
            {"reference": ["x"]},
            {"reference": "x" * 500},
            {"reference": "\ud800"},
            {"id": None},
            {"id": "a b"},
            {"id": "\x00"},
            {"captured_at": "yesterday"},
            {"captured_at": 5},
            {"captured_at": "2026-01-01T10:00:00"},
            {"captured_at": "0001-01-01T00:00:00+23:59"},
        ],
    )
    def test_signed_but_of_the_wrong_shape(
        self, the_bank: Any, nothing_changes: Callable[..., None], wrong: dict[str, Any]
    ) -> None:
        nothing_changes(lambda data: the_bank.tell({**data, **wrong}), 400)

    @pytest.mark.parametrize("text", ["1e400", "NaN", "Infinity", "-Infinity"])
    def test_numbers_that_json_does_not_have(
        self, the_bank: Any, nothing_changes: Callable[..., None], text: str
    ) -> None:
        def send(data: dict[str, Any]) -> Any:
            body = json.dumps({"type": "payment.succeeded", "data": {**data, "amount": 7_77}})
            return the_bank.send(body.replace("777", text).encode())

        nothing_changes(send, 400)

    def test_a_field_twice(self, the_bank: Any, nothing_changes: Callable[..., None]) -> None:
        def send(data: dict[str, Any]) -> Any:
            body = json.dumps({"type": "payment.succeeded", "data": data})
            return the_bank.send(body.replace('"amount"', '"amount": 1, "amount"').encode())

        nothing_changes(send, 400)

    @pytest.mark.parametrize("size", [21_000, 70_000])
    def test_too_large(
        self, the_bank: Any, nothing_changes: Callable[..., None], size: int
    ) -> None:
        nothing_changes(lambda data: the_bank.tell({**data, "pad": "x" * size}), 413)

    def test_as_a_form(self, the_bank: Any, nothing_changes: Callable[..., None]) -> None:
        def send(data: dict[str, Any]) -> Any:
            body = json.dumps({"type": "payment.succeeded", "data": data}).encode()
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            return the_bank.send(body, **kind)

        nothing_changes(send, 401)

    def test_whole_floats_are_numbers_like_any_other(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance
    ) -> None:
        the_bank.tell({**the_bank.payment(make_topup(asha)), "amount": 50000.0})

        assert balance(asha) == Money(500_00)

    def test_either_secret_is_good_while_they_change(
        self,
        the_bank: Any,
        asha: User,
        make_topup: MakeTopup,
        balance: Balance,
        user_app: Any,
        settings: Settings,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        new = "whsec_" + "TmV3" * 12
        both = settings.model_copy(update={"SECRET": SecretStr(f"{new} {settings.secrets[0]}")})
        monkeypatch.setitem(user_app.extensions, "batua_settings", both)

        assert the_bank.tell(the_bank.payment(make_topup(asha))).status_code == 200
        the_bank.settings = both
        assert the_bank.tell(the_bank.payment(make_topup(asha))).status_code == 200

        assert balance(asha) == Money(1000_00)
