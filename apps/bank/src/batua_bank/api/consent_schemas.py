"""What the API takes and gives about standing consents."""

from typing import Any
from uuid import UUID

import marshmallow as ma
from marshmallow import fields

from batua_db.money import Money
from batua_ui.text import clean

from .fields import Paise, Schema, bank_code, identity, moment, reference, rupees, text

STATUSES = ["active", "revoked", "expired"]
LONGEST = 140  # characters of a description


class ConsentWanted(Schema):
    """What a platform would like to be allowed with a payment session."""

    cap = Paise()

    @ma.post_load
    def alone(self, terms: dict[str, Any], **_: Any) -> Money:
        """Give the cap itself: there is nothing else to it."""
        return terms["cap"]


def consent_wanted() -> fields.Nested:
    """The optional field of a payment session."""
    about = "To take up to this much a month later, without asking again, if the customer agrees."
    return fields.Nested(ConsentWanted, metadata={"description": about})


class ConsentTerms(Schema):
    """A payment that the customer allowed beforehand."""

    amount = Paise()
    currency = rupees()
    consent = text(
        "The id of the consent.",
        pattern=r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        error="Give the id of a consent, as GET /consents names it.",
        metadata={"format": "uuid"},
    )
    reference = reference()
    description = text(f"Shown to the customer; at most {LONGEST} characters.", load_default="")

    @ma.post_load
    def tidy(self, terms: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Clean what is shown to people."""
        description = clean(terms["description"])
        if len(description) > LONGEST:
            raise ma.ValidationError(f"Shorten this to {LONGEST} characters.", "description")
        return {**terms, "description": description, "consent": UUID(terms["consent"])}


class ConsentQuery(Schema):
    """Which consent to look for."""

    reference = reference()


class Nothing(Schema):
    """An object without fields."""


class Consent(Schema):
    """A customer’s consent."""

    id = identity("Its name in GET /consents/{id}, and in POST /payments.")
    reference = reference()
    status = text("Whether money can be taken by it.", metadata={"enum": STATUSES})
    bank = bank_code()
    account = text("The last four digits of the account.")
    currency = rupees()
    cap = fields.Integer(required=True, metadata={"description": "Whole paise a calendar month."})
    left = fields.Integer(
        required=True, metadata={"description": "Whole paise that are left of it this month."}
    )
    created_at = moment("When the customer gave it.")
    expires_at = moment("From then on nothing can be taken by it.")


class Consents(Schema):
    """Consents."""

    items = fields.List(fields.Nested(Consent), required=True)
    next = text("Always null: a reference has one consent at most.", allow_none=True)
