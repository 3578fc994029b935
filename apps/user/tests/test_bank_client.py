"""The bank's client, against a server that fails in every way a bank can."""

import json
import socket
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any
from uuid import uuid4

import pytest

from batua_config import service_token
from batua_config.settings import Settings
from batua_db.money import Money
from batua_user.bank import client
from batua_user.bank.client import (
    BankClient,
    BankRefused,
    BankSilent,
    BankUnreachable,
)
from batua_user.bank.orders import PaymentOrder, PayoutOrder

from .stub import Stub

ORDER = PaymentOrder(
    reference=str(uuid4()),
    amount=Money(500_00),
    bank="SBB",
    description="Add money",
    return_url="http://localhost:3001/add-money/x",
)
SESSION = {
    "id": "s-1",
    "status": "open",
    "url": "http://localhost:3002/pay/token",
    "expires_at": "2026-01-14T18:00:00+00:00",
}


@pytest.fixture
def to(worker_settings: Settings) -> Callable[[str], BankClient]:
    return lambda url: BankClient(worker_settings.model_copy(update={"BANK_INTERNAL_URL": url}))


@pytest.fixture
def bank(to: Callable[[str], BankClient], stub: Stub) -> BankClient:
    return to(stub.url)


def test_a_call_is_signed_over_all_that_is_sent(
    bank: BankClient, stub: Stub, worker_settings: Settings
) -> None:
    stub.says(201, SESSION)

    opened = bank.open_session(ORDER)

    method, path, body, headers = stub.asked[0]
    assert (method, path) == ("POST", "/api/v1/payment-sessions")
    assert headers["Idempotency-Key"] == ORDER.reference
    assert json.loads(body)["amount"] == 50000
    scheme, _, token = headers["Authorization"].partition(" ")
    said = {"method": method, "path_and_query": path, "body": body, "key": ORDER.reference}
    assert scheme == "Bearer"
    assert service_token.verify(worker_settings.secrets, token, **said) == "wallet"
    with pytest.raises(service_token.BadToken):
        service_token.verify(worker_settings.secrets, token, **{**said, "body": body + b" "})
    assert (opened.id, opened.status) == ("s-1", "open")


def test_a_query_is_signed_as_it_is_sent(
    bank: BankClient, stub: Stub, worker_settings: Settings
) -> None:
    stub.says(200, {"items": [], "next": None})

    assert bank.payments("a b&c=é/~") == []

    method, path, body, headers = stub.asked[0]
    token = headers["Authorization"].removeprefix("Bearer ")
    said = {"method": method, "path_and_query": path, "body": body}
    assert service_token.verify(worker_settings.secrets, token, **said) == "wallet"


def test_no_cookie_of_the_bank_is_kept(bank: BankClient, stub: Stub) -> None:
    stub.says(200, {"items": []})

    bank.banks()
    bank.banks()

    assert "Cookie" not in stub.asked[1][3]


def test_nobody_listens(to: Callable[[str], BankClient]) -> None:
    with pytest.raises(BankUnreachable):
        to("http://127.0.0.1:9").banks()


def test_a_name_that_leads_nowhere(to: Callable[[str], BankClient]) -> None:
    with pytest.raises(BankUnreachable):
        to("http://no-such-host.invalid").banks()


def test_a_bank_that_hangs(
    to: Callable[[str], BankClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "TIMES", (0.1, 0.1))
    with socket.create_server(("127.0.0.1", 0)) as deaf, pytest.raises(BankSilent):
        to(f"http://127.0.0.1:{deaf.getsockname()[1]}").banks()


def test_a_bank_that_drips(bank: BankClient, stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time; the whole does not."""
    monkeypatch.setattr(client, "BUDGET", 0.2)

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        try:
            for _ in range(20):
                handler.wfile.write(b"1\r\n \r\n")
                handler.wfile.flush()
                time.sleep(0.05)
        except OSError:
            handler.close_connection = True

    stub.answer = drip

    began = time.monotonic()
    with pytest.raises(BankSilent):
        bank.banks()
    assert time.monotonic() - began < 0.9


def test_a_bank_that_hangs_up(bank: BankClient, stub: Stub) -> None:
    def hang_up(handler: BaseHTTPRequestHandler) -> None:
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True

    stub.answer = hang_up

    with pytest.raises(BankSilent):
        bank.open_session(ORDER)
    assert len(stub.asked) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {}),
        (502, b"<html>Bad gateway</html>"),
        (503, b"busy"),
        (429, {"error": {"code": "too_many_requests", "message": "Later."}}),
        (200, b""),
        (200, b"[]"),
        (200, b'{"items": 5}'),
        (200, {"items": [{"code": "sbb", "name": "x", "ifsc_prefix": "y"}]}),
        (200, {"items": [{"code": "SBB", "name": "\u202e", "ifsc_prefix": "y"}]}),
        (200, b'{"items": [], "items": []}'),
        (200, b"x" * 300_000),
        (301, {}),
        (401, {"error": "no"}),
    ],
)
def test_answers_that_say_nothing(bank: BankClient, stub: Stub, status: int, body: Any) -> None:
    stub.says(status, body)

    with pytest.raises(BankSilent):
        bank.banks()


def test_redirects_are_not_followed(bank: BankClient, stub: Stub) -> None:
    def elsewhere(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(307)
        handler.send_header("Location", "/api/v1/elsewhere")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    stub.answer = elsewhere

    with pytest.raises(BankSilent):
        bank.open_session(ORDER)
    assert len(stub.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422, 503])
def test_a_no_is_a_no_with_its_reason(bank: BankClient, stub: Stub, status: int) -> None:
    stub.refuses(status, "Since.")

    with pytest.raises(BankRefused) as caught:
        bank.open_session(ORDER)

    assert (caught.value.status, caught.value.code) == (status, "no")
    assert caught.value.message == "Since."


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": 5},
        {"id": ""},
        {"status": "paid"},
        {"expires_at": None},
        {"expires_at": "soon"},
        {"url": 5},
    ],
)
def test_a_session_that_cannot_be(bank: BankClient, stub: Stub, wrong: dict[str, Any]) -> None:
    stub.says(201, {**SESSION, **wrong})

    with pytest.raises(BankSilent):
        bank.open_session(ORDER)


PAYOUT = {
    "id": "p-1",
    "reference": ORDER.reference,
    "status": "pending",
    "failure": None,
    "amount": 500_00,
    "currency": "INR",
    "bank": "SBB",
}


def test_a_payout_is_keyed_by_its_bank_too(bank: BankClient, stub: Stub) -> None:
    stub.says(201, PAYOUT)
    order = PayoutOrder(
        reference=ORDER.reference,
        amount=Money(500_00),
        bank="SBB",
        account_number="018100004471",
        ifsc="SBBB0000181",
        holder="Asha Rao",
    )

    payout = bank.pay_out(order)

    method, path, body, headers = stub.asked[0]
    assert (method, path) == ("POST", "/api/v1/payouts")
    assert headers["Idempotency-Key"] == f"payout:{ORDER.reference}:SBB"
    assert json.loads(body)["holder"] == "Asha Rao"
    assert (payout.id, payout.status, payout.failure) == ("p-1", "pending", "")
    assert (str(payout.payout_id), payout.amount) == (ORDER.reference, Money(500_00))


@pytest.mark.parametrize(
    "answer",
    [
        {**PAYOUT, "status": "paid"},
        {**PAYOUT, "id": ""},
        {**PAYOUT, "failure": 5},
        {"id": "p-1"},
    ],
)
def test_a_payout_that_cannot_be_read_is_silence(
    bank: BankClient, stub: Stub, answer: dict[str, Any]
) -> None:
    stub.says(200, answer)

    with pytest.raises(BankSilent):
        bank.payout("p-1")


def test_an_account_is_checked_without_a_key(bank: BankClient, stub: Stub) -> None:
    stub.says(200, {"matches": True, "holder_masked": "A*** R**"})

    check = bank.check_account(account_number="018100004471", ifsc="SBBB0000181", holder="Asha")

    assert check.matches
    assert check.holder == "A*** R**"
    assert "Idempotency-Key" not in stub.asked[0][3]


@pytest.mark.parametrize("amount", [1.5, "5", None, 10**16, True])
def test_a_line_with_no_whole_amount_is_silence(
    bank: BankClient, stub: Stub, amount: object
) -> None:
    at = "2026-01-14T13:14:52+00:00"
    line = {"number": 1, "id": "t", "reference": "", "kind": "payment", "balance": 5, "at": at}
    stub.says(200, {"items": [{**line, "amount": amount}], "next": None})

    with pytest.raises(BankSilent):
        bank.statement("SBB", after=0)
