"""How it ends with an endpoint: gone, disabled, or taken over by a new secret."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import func, update

from batua_bank.outbox import announce
from batua_bank.webhooks import queries, sender, service
from batua_config import webhooks
from batua_config.current import EXTENSION
from batua_config.settings import Settings
from batua_db.database import db, transaction
from batua_db.models.clients import Endpoint
from batua_db.models.outbox import Delivery, Dispatch

pytestmark = pytest.mark.usefixtures("session")
NEW = "whsec_bmV3ZXItc2VjcmV0LW5ld2VyLXNlY3JldC1uZXdlcg=="


@pytest.fixture
def deliver(bank_app: Flask) -> Callable[[], int]:
    """``deliver()``: what the worker does again and again."""

    def run() -> int:
        with bank_app.app_context():
            return service.deliver_due()

    return run


def happen(times: int = 1) -> None:
    with transaction():
        for number in range(times):
            announce("wallet", "payment.succeeded", {"number": number})


def endpoint() -> Endpoint:
    db.session.expire_all()
    return db.session.query(Endpoint).one()


def waiting() -> int:
    return db.session.query(Dispatch).filter(Dispatch.attempt_at.is_not(None)).count()


def test_410_disables_the_endpoint_and_what_waits_for_it(
    wallet: Any, deliver: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    wallet.will(500)
    happen()
    deliver()
    happen()
    wallet.will(410)
    deliver()

    assert endpoint().disabled_at
    assert endpoint().disabled_why == "gone"
    assert waiting() == 0
    assert queries.dead_letters().events == 2
    assert queries.dead_letters().since
    assert "an endpoint was disabled" in capfd.readouterr().out
    happen()
    assert deliver() == 0
    assert len(wallet.got) == 2
    assert db.session.query(Dispatch).count() == 2


def test_of_several_at_once_that_are_told_to_stop_all_end(wallet: Any, deliver: Any) -> None:
    for _ in range(5):
        wallet.will(410)
    happen(5)
    deliver()

    assert waiting() == 0
    assert queries.dead_letters().events == 5


def test_what_was_taken_while_the_endpoint_ended_is_delivered(
    wallet: Any, deliver: Any, bank_app: Flask
) -> None:
    happen(2)
    with bank_app.app_context():
        gone, taken = service._claim()  # pyright: ignore[reportPrivateUsage]
        service._record(gone, sender.Outcome(410, "", 5))  # pyright: ignore[reportPrivateUsage]
        service._record(taken, sender.Outcome(200, "", 5))  # pyright: ignore[reportPrivateUsage]

    assert queries.dead_letters().events == 1
    assert db.session.query(Dispatch).filter(Dispatch.delivered_at.is_not(None)).count() == 1


def test_what_failed_while_the_endpoint_ended_stays_ended(
    wallet: Any, deliver: Any, bank_app: Flask
) -> None:
    happen(2)
    with bank_app.app_context():
        gone, failed = service._claim()  # pyright: ignore[reportPrivateUsage]
        service._record(gone, sender.Outcome(410, "", 5))  # pyright: ignore[reportPrivateUsage]
        service._record(failed, sender.Outcome(500, "", 5))  # pyright: ignore[reportPrivateUsage]

    assert waiting() == 0
    assert queries.dead_letters().events == 2


def test_nothing_is_sent_to_an_endpoint_that_was_disabled(wallet: Any, deliver: Any) -> None:
    happen()
    with transaction():
        endpoint().disabled_at = func.clock_timestamp()
    deliver()

    assert wallet.got == []
    assert (waiting(), queries.dead_letters().events) == (0, 1)


def test_without_dead_letters_there_is_no_alarm(wallet: Any, deliver: Any) -> None:
    happen()
    deliver()

    assert queries.dead_letters() == (0, None)


def test_what_a_refusal_says_is_kept_but_not_at_length(wallet: Any, deliver: Any) -> None:
    wallet.will(500)
    happen()
    deliver()
    with transaction():
        db.session.execute(update(Dispatch).values(attempt_at=func.clock_timestamp()))
    deliver()

    refused, taken = db.session.query(Delivery).order_by(Delivery.attempt).all()
    assert set(refused.answer) == {"x"}
    assert len(refused.answer) <= sender.KEPT
    assert taken.answer == ""


@pytest.mark.parametrize("said", [b"\x00\xff not text \x00", b"\xe2\x82"])
def test_what_is_no_text_is_kept_as_far_as_it_is(wallet: Any, deliver: Any, said: bytes) -> None:
    wallet.says = said
    wallet.will(500)
    happen()
    deliver()

    assert db.session.query(Delivery).one().answer == said.replace(b"\0", b"\xff").decode(
        errors="replace"
    )


def test_while_a_secret_is_changed_both_the_old_and_the_new_verify(
    wallet: Any, deliver: Any, bank_app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (old,) = settings.secrets
    there = bank_app.extensions[EXTENSION]
    rotating = there.model_copy(update={"SECRET": SecretStr(f"{NEW} {old}")})
    monkeypatch.setitem(bank_app.extensions, EXTENSION, rotating)
    happen()
    deliver()

    ((_, headers, body),) = wallet.got
    sent = {name.lower(): value for name, value in headers.items()}
    assert len(sent["webhook-signature"].split()) == 2
    for secret in (NEW, old):
        assert webhooks.verify([secret], sent, body) == sent["webhook-id"]
    with pytest.raises(webhooks.NotAuthentic):
        webhooks.verify(["whsec_b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXI="], sent, body)
