"""A bank that is silent, or asks for patience, is left alone for a while."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from batua_config.settings import Settings
from batua_user.bank import breaker, client
from batua_user.bank.client import BankClient, BankSilent, BankUnreachable

from .stub import Stub


@pytest.fixture
def bank(worker_settings: Settings, stub: Stub) -> BankClient:
    return BankClient(worker_settings.model_copy(update={"BANK_INTERNAL_URL": stub.url}))


def test_a_silent_bank_is_left_alone_for_a_while(
    bank: BankClient, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "TIMES", (0.1, 0.05))
    monkeypatch.setattr(breaker, "REST", 0.4)
    stub.answer = lambda _: time.sleep(0.15)
    for _ in range(3):
        with pytest.raises(BankSilent):
            bank.banks()

    with pytest.raises(BankUnreachable):
        bank.banks()
    assert len(stub.asked) == 3

    time.sleep(0.5)
    stub.says(200, {"items": []})
    assert bank.banks() == []


def test_after_the_rest_one_call_asks_for_all(
    bank: BankClient, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "TIMES", (0.1, 0.05))
    monkeypatch.setattr(breaker, "REST", 0.4)
    stub.answer = lambda _: time.sleep(0.15)
    for _ in range(3):
        with pytest.raises(BankSilent):
            bank.banks()
    time.sleep(0.5)

    def ask(_: int) -> type[Exception]:
        with pytest.raises((BankSilent, BankUnreachable)) as caught:
            bank.banks()
        return caught.type

    with ThreadPoolExecutor(8) as pool:
        met = list(pool.map(ask, range(8)))

    assert sorted(each.__name__ for each in met) == ["BankSilent"] + ["BankUnreachable"] * 7
    assert len(stub.asked) == 4


BUSY = {"error": {"code": "rate_limited", "message": "Later.", "field": None}}


def test_a_bank_that_asks_for_patience_is_given_it(bank: BankClient, stub: Stub) -> None:
    stub.says(429, BUSY, Retry_After="1")
    with pytest.raises(BankSilent):
        bank.banks()
    stub.says(200, {"items": []})

    with pytest.raises(BankUnreachable):
        bank.banks()
    assert len(stub.asked) == 1

    time.sleep(1.05)
    assert bank.banks() == []


@pytest.mark.parametrize(
    ("asked", "seconds"), [({}, 5), ({"Retry_After": "soon"}, 5), ({"Retry_After": "9" * 9}, 60)]
)
def test_no_bank_can_ask_for_any_patience(
    bank: BankClient,
    stub: Stub,
    monkeypatch: pytest.MonkeyPatch,
    asked: dict[str, str],
    seconds: int,
) -> None:
    stub.says(429, BUSY, **asked)
    with pytest.raises(BankSilent):
        bank.banks()
    stub.says(200, {"items": []})
    now = time.monotonic()

    monkeypatch.setattr(time, "monotonic", lambda: now + seconds - 1)
    with pytest.raises(BankUnreachable):
        bank.banks()
    monkeypatch.setattr(time, "monotonic", lambda: now + seconds + 1)
    assert bank.banks() == []


def test_another_answer_does_not_end_the_patience() -> None:
    made = breaker.Breaker()
    made.wait(30)
    made.answered()

    assert not made.lets_through()
