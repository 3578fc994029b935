"""What the API takes and gives, field by field."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from batua_ui.text import clean

from .consent_schemas import consent_wanted
from .fields import (
    Paise,
    Schema,
    bank_code,
    cursor,
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
)

STATUSES = ["open", "succeeded", "declined", "expired"]


class ErrorDetail(Schema):
    """What was wrong."""

    code = text("A stable name, to decide by.")
    message = text("A sentence, to read.")
    field = text("The field it is about, if any.", allow_none=True)


class Error(Schema):
    """A refusal or a failure."""

    error = fields.Nested(ErrorDetail, required=True)


class Bank(Schema):
    """A bank that customers can pay from."""

    code = text("What other calls name it by.")
    name = text("What people call it.")
    ifsc_prefix = text("How the IFSC of its branches begins.")


class Banks(Schema):
    """All banks."""

    items = fields.List(fields.Nested(Bank), required=True)
    next = text("Always null: there are few.", allow_none=True)


class SessionTerms(Schema):
    """What a customer is to be asked for."""

    amount = Paise()
    currency = rupees()
    bank = bank_code()
    reference = reference()
    description = text("Shown to the customer; at most 140 characters.", load_default="")
    return_url = text(
        "Where the customer goes afterwards: under the client’s registered origin.",
        metadata={"format": "uri"},
        validate=[validate.Length(max=2000, error="Give an address of at most 2000 characters.")],
    )

    consent = consent_wanted()

    @ma.post_load
    def tidy(self, terms: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Clean what is shown to people."""
        description = clean(terms["description"])
        if len(description) > 140:
            raise ma.ValidationError("Shorten this to 140 characters.", "description")
        return {**terms, "description": description}


class Session(Schema):
    """A payment session."""

    id = identity("Its name in GET /payment-sessions/{id}.")
    url = text("The page where the customer pays; open for five minutes.")
    status = text("What became of it.", metadata={"enum": STATUSES})
    amount = Paise()
    currency = rupees()
    bank = bank_code()
    reference = reference()
    description = text("What the customer is shown.")
    return_url = text("Where the customer goes afterwards.")
    expires_at = moment("From then on it can’t be approved.")


class Payment(Schema):
    """A captured payment: the customer has paid."""

    id = identity("Its name in GET /payments/{id}.")
    session_id = identity("The payment session it came from.")
    reference = reference()
    amount = Paise()
    currency = rupees()
    bank = bank_code()
    status = text("Always succeeded.", metadata={"enum": ["succeeded"]})
    captured_at = moment("When the customer approved.")


class PageQuery(Schema):
    """Which page of a list."""

    after = cursor()
    limit = page_size(50)


class PaymentQuery(PageQuery):
    """Which page of payments, or the one with a reference."""

    reference = reference(load_default=nothing)


class Payments(Schema):
    """Captured payments."""

    items = fields.List(fields.Nested(Payment), required=True)
    next = following()


class BankQuery(Schema):
    """Which bank."""

    bank = bank_code()


class Settlement(Schema):
    """The platform's own account at a bank."""

    bank = bank_code()
    currency = rupees()
    balance = number("Whole paise, with what was captured this moment.", required=True)
    number = number(
        "The number of the last line of its statement; 0 if it has none.", required=True
    )
    at = moment("When the balance was read.")


class Seal(Schema):
    """The digest of a block of a book."""

    book = text("Whose book: wallet or bank.", pattern="wallet|bank", error="Give wallet or bank.")
    number = number("Which block, from 1.", required=True, validate=validate.Range(1, 2**31 - 1))
    digest = text(
        "SHA-256 of the block, chained to the one before.",
        pattern=r"[0-9a-f]{64}",
        error="Give 64 hexadecimal digits in lower case.",
    )


class Seals(Schema):
    """Digests that the other book is to keep."""

    items = fields.List(
        fields.Nested(Seal),
        required=True,
        validate=validate.Length(1, 200, error="Give 1 to 200 digests."),
    )


class SealQuery(Schema):
    """Where to begin."""

    after = position("The number of the last block that is known.", 2**31 - 1)
    limit = page_size(200)


class SealList(Schema):
    """Digests of the bank's own book, in order."""

    items = fields.List(fields.Nested(Seal), required=True)
    next = following()
