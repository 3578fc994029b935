"""What the API takes and gives about money that leaves a platform's account."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from batua_ui.text import clean

from .examples import PAYOUT
from .fields import (
    Paise,
    Schema,
    bank_code,
    following,
    identity,
    moment,
    nothing,
    number,
    page_size,
    position,
    reference,
    rupees,
    text,
    writable,
)
from .schemas import PageQuery

FAILURES = [
    *("unknown_account", "holder_mismatch", "account_closed", "insufficient_funds"),
    "platform_frozen",
]
KINDS = ["payment", "payout", "refund"]


def account_number() -> fields.String:
    """The number of somebody's account."""
    error = "Give 9 to 18 digits."
    return text("The number of the account.", pattern=r"[0-9]{9,18}", error=error)


def ifsc() -> fields.String:
    """The code of a branch."""
    error = "Give four letters, a zero, and six letters or digits."
    return text("The branch of the account.", pattern=r"[A-Z]{4}0[A-Z0-9]{6}", error=error)


def holder() -> fields.String:
    """Whose account it is said to be."""
    return text(
        "Whose account it is; compared without case and dots.",
        pattern=r"[^\x00-\x1f\x7f]{1,100}",
        error="Give a name of 1 to 100 characters, in one line.",
        validate=[writable],
    )


class PayoutTerms(Schema):
    """Whom to pay, and from which bank of the platform."""

    amount = Paise()
    currency = rupees()
    bank = bank_code()
    account_number = account_number()
    ifsc = ifsc()
    holder = holder()
    reference = reference()


class Payout(Schema):
    """A payout, and what became of it."""

    id = identity("Its name in GET /payouts/{id}.")
    reference = reference()
    amount = Paise()
    currency = rupees()
    bank = bank_code()
    status = text(
        "Pending until a worker carries it out, a moment later; then final.",
        metadata={"enum": ["pending", "succeeded", "failed"]},
    )
    failure = text(
        "Why it failed, if it did; no money moved.",
        metadata={"enum": [*FAILURES, None]},
        allow_none=True,
    )


class PayoutQuery(PageQuery):
    """Which page of payouts, or the one with a reference."""

    reference = reference(load_default=nothing, example=PAYOUT["reference"])


class Payouts(Schema):
    """Payouts."""

    items = fields.List(fields.Nested(Payout), required=True)
    next = following()


class RefundTerms(Schema):
    """How much to give back, and why."""

    amount = Paise()
    reason = text("Shown on the customer’s statement; at most 140 characters.", load_default="")

    @ma.post_load
    def tidy(self, terms: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Clean what is shown to people."""
        reason = clean(terms["reason"])
        if len(reason) > 140:
            raise ma.ValidationError("Shorten this to 140 characters.", "reason")
        return {**terms, "reason": reason}


class Refund(Schema):
    """Money given back of a payment."""

    id = identity("The refund’s name.")
    payment_id = identity("The payment it is of.")
    reference = reference()
    amount = Paise()
    currency = rupees()
    bank = bank_code()
    status = text("Always succeeded.", metadata={"enum": ["succeeded"]})
    reason = text("As it was given.")


class Refunds(Schema):
    """What was given back of a payment."""

    items = fields.List(fields.Nested(Refund), required=True)
    next = following()


class CheckTerms(Schema):
    """Whose account it should be."""

    account_number = account_number()
    ifsc = ifsc()
    holder = holder()


class Checked(Schema):
    """Whether the name is the holder's. What isn't there looks like somebody else's."""

    matches = fields.Boolean(required=True, metadata={"description": "Whether it is theirs."})
    holder_masked = text("The name as the bank has it, if it fits.", allow_none=True)


class EntryQuery(Schema):
    """Which account, and where to begin."""

    bank = bank_code()
    after = position("The number of the last line that is known.", 2**53)
    limit = page_size(200)


class Entry(Schema):
    """A line of the platform's account."""

    id = identity("The transfer it belongs to.")
    reference = text("The platform’s own name for it; empty where it has none.")
    kind = text("What it was.", metadata={"examples": KINDS})
    amount = number("Whole paise; above zero came in, below zero went out.", required=True)
    balance = number("Whole paise, after it.", required=True)
    at = moment("When it was booked.")
    number = number("Its place, from 1 without a gap.", required=True)


class Entries(Schema):
    """Lines of the platform's account, oldest first."""

    items = fields.List(fields.Nested(Entry), required=True)
    next = following()
