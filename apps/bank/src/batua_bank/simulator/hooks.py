"""What the simulator does at the bank's seams. No money moves here, and none is held back.

A lost webhook has its event, which can be read; a payment that the bank declines is a
declined session; a payout that fails is an ordinary failed payout.
"""

import base64
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.sql.elements import literal

from batua_bank.pay.refusals import TooLittle
from batua_bank.payouts.service import Failure
from batua_bank.seams import Seams
from batua_bank.webhooks.sender import Letter, send
from batua_db.database import db, transaction
from batua_db.errors import DomainError
from batua_db.models.bank import PaymentSession
from batua_db.models.clients import Endpoint
from batua_db.models.outbox import Dispatch, Event
from batua_db.models.outgoing import Payout
from batua_db.models.simulator import Fault

from .kinds import FAILURES
from .service import About, fire, on_for

NEXT = timedelta(seconds=1)  # after the news that overtook it
SECOND = timedelta(seconds=1)


class Misbehaving(Seams):
    """The bank as its faults make it."""

    def declines(self, session: PaymentSession) -> bool:
        """Whether a fault declines it."""
        return fire(of_session(session), "decline") is not None

    def refusal(self, session: PaymentSession, source: str) -> DomainError | None:
        """As if the account were empty."""
        if fire(of_session(session), "insufficient_funds"):
            return TooLittle(source, session.amount)
        return None

    def announced(self, event: Event) -> None:
        """Lose, delay or reorder it."""
        about = of_news(event.client, event.data)
        fault = fire(about, "webhook_lost", "webhook_delayed", "webhook_reordered")
        if fault is None:
            return
        now = func.clock_timestamp()
        if fault.what == "webhook_lost":
            _change(Dispatch.event_id == event.id, attempt_at=None, dead_at=now)
        elif fault.what == "webhook_delayed" or not _overtakes(event):
            _change(Dispatch.event_id == event.id, attempt_at=now + fault.seconds * SECOND)

    def mailed(self, letters: list[Letter]) -> list[Letter]:
        """Spoil signatures, and send copies, of what is sent for the first time."""
        first = [letter for letter in letters if letter.attempt == 1]
        with transaction():
            about = {letter.id: _of_letter(letter) for letter in first}
            spoilt = {id_ for id_ in about if fire(about[id_], "webhook_corrupted")}
            copies = {id_: fire(about[id_], "webhook_duplicated") for id_ in about}
        _send([letter for letter in first for _ in range(_more(copies[letter.id]))])
        return [_spoil(letter) if letter.id in spoilt else letter for letter in letters]

    def payout_is_due(self) -> ColumnElement[bool]:
        """All but those that a fault lets wait."""
        until = Payout.created_at + Fault.seconds * literal(SECOND)
        waits = (
            select(Fault.id)
            .where(Fault.what.in_(("slow", "payout_fails")))
            .where(on_for(Payout.client, Payout.bank_code, Payout.reference))
            .where(until > func.clock_timestamp())
        )
        return ~waits.correlate(Payout).exists()

    def payout_failure(self, payout: Payout) -> Failure | None:
        """The reason that a fault gives."""
        about = About(payout.client, payout.bank_code, payout.reference)
        fault = fire(about, "payout_fails")
        return next(each for each in FAILURES if each == fault.failure) if fault else None


def of_session(session: PaymentSession) -> About:
    """What a payment session is about."""
    return About(session.client, session.bank_code, session.reference)


def of_news(client: str, data: dict[str, Any]) -> About:
    """What an event is about."""
    return About(client, str(data.get("bank", "")), str(data.get("reference", "")))


def _of_letter(letter: Letter) -> About:
    client = select(Endpoint.client_id).where(Endpoint.id == letter.endpoint)
    return of_news(db.session.scalars(client).one(), letter.data)


def _change(which: ColumnElement[bool], **values: object) -> None:
    never_tried = Dispatch.attempts == 0
    query = update(Dispatch).where(which, never_tried, Dispatch.attempt_at.is_not(None))
    db.session.execute(query.values(values).execution_options(synchronize_session=False))


def _overtakes(event: Event) -> bool:
    """Whether earlier news waits to be overtaken by ``event``: it comes right after it, then."""
    waits = Dispatch.attempt_at > func.clock_timestamp() + NEXT
    held = (
        select(Dispatch.event_id)
        .join(Event, Event.id == Dispatch.event_id)
        .where(Event.client == event.client, Event.id != event.id)
        .where(Dispatch.attempts == 0, waits)
    )
    ids = db.session.scalars(held).all()
    _change(Dispatch.event_id.in_(ids), attempt_at=func.clock_timestamp() + NEXT)
    return bool(ids)


def _more(fault: Fault | None) -> int:
    return fault.times - 1 if fault else 0


def _send(letters: list[Letter]) -> None:
    """Send copies whose fate nobody writes down."""
    if letters:
        with ThreadPoolExecutor(min(8, len(letters))) as pool:
            list(pool.map(send, letters))


def _spoil(letter: Letter) -> Letter:
    """The letter as a stranger would sign it."""
    wrong = base64.b64encode(secrets.token_bytes(32)).decode()
    return replace(letter, secrets=[f"whsec_{wrong}"])
