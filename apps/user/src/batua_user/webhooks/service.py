"""News from the bank: recorded once by message id, and applied in the same transaction."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from batua_config import logs, webhooks
from batua_config.webhooks import Unreadable
from batua_db.database import db, transaction
from batua_db.models.payments import Payout as OurPayout
from batua_db.models.wallet import Inbox, Topup
from batua_user.bank.values import (
    Payment,
    Payout,
    as_object,
    read_payment,
    read_payout,
    read_reference,
    text_of,
)
from batua_user.payouts import service as payouts
from batua_user.topups import service as topups

log = logs.get(__name__)

Outcome = Literal["applied", "ignored", "orphan"]
Subject = Topup | OurPayout
SUCCEEDED = "payment.succeeded"
PAYOUTS = {"payout.succeeded", "payout.failed"}
ENDS: dict[str, Literal["declined", "expired"]] = {
    "payment.declined": "declined",
    "payment.expired": "expired",
}


@dataclass(frozen=True, slots=True)
class News:
    """What the bank tells us. ``payment`` is set when money has come, ``payout`` of what goes."""

    type: str
    topup_id: UUID | None = None
    payment: Payment | None = None
    payout: Payout | None = None

    @property
    def known(self) -> bool:
        """Whether it is about a payment of ours; other news is kept and left alone."""
        return self.payout is not None or self.type == SUCCEEDED or self.type in ENDS


def receive(message_id: str, body: bytes) -> Outcome:
    """Take in an authentic message; raises ``Unreadable``. The second time does nothing.

    What it is about is locked before the message is recorded, so that what is recorded is
    what then happens: of forty at once, one is first, and the others see it done.
    """
    news = read(body)
    with transaction():
        subject = _lock(news)
        outcome = _outcome(subject, news)
        if _is_new(message_id, news, outcome, body) and subject and outcome == "applied":
            _apply(subject, news)
    log.info("webhook", type=news.type, message_id=message_id, outcome=outcome)
    if outcome == "orphan":
        log.error("the bank speaks of a payment that is not ours", message_id=message_id)
    return outcome


def read(body: bytes) -> News:
    """Read a message strictly. Unknown types may have any data."""
    if b"\0" in body:  # UTF-16 and the like: JSON to a parser, but no text to a database
        raise Unreadable("bytes")
    message = webhooks.parse(body)
    kind = text_of(message, "type")
    if kind not in {*ENDS, *PAYOUTS, SUCCEEDED}:
        return News(kind)
    data = as_object(message.get("data"))
    if kind in PAYOUTS:
        payout = read_payout(data)
        if kind != f"payout.{payout.status}":
            raise Unreadable("status")
        return News(kind, payout=payout)
    if kind == SUCCEEDED:
        payment = read_payment(data)
        return News(kind, payment.topup_id, payment)
    return News(kind, read_reference(text_of(data, "reference")))


def _lock(news: News) -> Subject | None:
    if news.payout:
        return payouts.lock(news.payout.payout_id)
    return topups.lock(news.topup_id)


def _outcome(subject: Subject | None, news: News) -> Outcome:
    if not news.known:
        return "ignored"
    if subject is None:
        return "orphan"
    if isinstance(subject, OurPayout):
        wanted = news.payout is not None and payouts.takes(subject, news.payout)
    else:
        wanted = topups.takes(subject, news.payment) if news.payment else subject.state == "pending"
    return "applied" if wanted else "ignored"


def _is_new(message_id: str, news: News, outcome: Outcome, body: bytes) -> bool:
    row: dict[str, Any] = {
        "message_id": message_id,
        "type": news.type,
        "body": body.decode(),
        "outcome": outcome,
        "topup_id": None if outcome == "orphan" else news.topup_id,
    }
    first = insert(Inbox).values(row).on_conflict_do_nothing().returning(Inbox.message_id)
    return db.session.scalar(first) is not None


def _apply(subject: Subject, news: News) -> None:
    if isinstance(subject, OurPayout):
        if news.payout:
            payouts.settle(subject, news.payout)
    elif news.payment:
        topups.settle(subject, news.payment, heard="told")
    else:
        topups.close(subject, ENDS[news.type])
