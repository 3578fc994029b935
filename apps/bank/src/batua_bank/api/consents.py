"""The calls of the API about standing consents: payments that a customer allowed beforehand."""

from typing import Any
from uuid import UUID

from flask import g

from batua_bank.consents import queries, service
from batua_bank.consents.queries import Standing
from batua_bank.consents.refusals import UnknownConsent
from batua_bank.pay import facts
from batua_db.models.netbanking import Consent
from batua_db.money import CURRENCY

from . import answers, schemas
from . import consent_examples as examples
from . import consent_schemas as shapes
from .views import IDEMPOTENCY_KEY, bp, named
from .writes import once

CONSENT_ID = named("consent_id", examples.CONSENT["id"], "The consent.")


@bp.route("/payments", methods=["POST"])
@bp.doc(parameters=[IDEMPOTENCY_KEY])
@once
@bp.arguments(shapes.ConsentTerms, example=examples.TAKEN_TERMS)
@bp.response(201, schemas.Payment, example=examples.TAKEN, refuses=(404,))
def take_payment(terms: dict[str, Any]) -> dict[str, Any]:
    """Take a payment by a consent, without sending the customer to the bank.

    It is captured when this answers, and payment.succeeded tells it too. One payment for each
    reference, those of payment sessions among them. Nothing is taken, with 422, for
    consent_revoked, consent_expired, over_the_cap, insufficient_funds, account_frozen or
    account_closed.
    """
    asked = {name: value for name, value in terms.items() if name != "currency"}
    return facts.of_payment(service.take(g.client, service.Order(**asked)))


@bp.route("/consents")
@bp.arguments(shapes.ConsentQuery, location="query")
@bp.response(200, shapes.Consents, example=examples.CONSENTS)
def list_consents(query: dict[str, Any]) -> dict[str, Any]:
    """Find the consent that was given with a payment session, by the session's reference."""
    found = queries.of_client(g.client, Consent.reference == query["reference"])
    return {"items": [_told(each) for each in found], "next": None}


@bp.route("/consents/<uuid:consent_id>", parameters=CONSENT_ID)
@bp.response(200, shapes.Consent, example=examples.CONSENT, refuses=(404,))
def read_consent(consent_id: UUID) -> dict[str, Any]:
    """Read a consent: whether it still holds, and what is left of it this month."""
    found = queries.of_client(g.client, Consent.id == consent_id)
    if not found:
        raise UnknownConsent
    return _told(found[0])


@bp.route("/consents/<uuid:consent_id>/revoke", methods=["POST"], parameters=CONSENT_ID)
@bp.doc(parameters=[IDEMPOTENCY_KEY])
@once
@bp.arguments(shapes.Nothing, example={})
@bp.response(200, shapes.Consent, example=examples.REVOKED, refuses=(404, *answers.WRITES))
def revoke_consent(_terms: dict[str, Any], consent_id: UUID) -> dict[str, Any]:
    """End a consent that the platform, or its customer there, does not want any more.

    The customer can end it at the bank at any time.
    """
    return _told(service.give_up(g.client, consent_id))


def _told(standing: Standing) -> dict[str, Any]:
    consent = standing.consent
    return {
        "id": str(consent.id),
        "reference": consent.reference,
        "status": standing.status,
        "bank": consent.bank_code,
        "account": consent.account.number[-4:],
        "currency": CURRENCY,
        "cap": consent.cap.paise,
        "left": standing.left.paise,
        "created_at": consent.created_at.isoformat(),
        "expires_at": consent.expires_at.isoformat(),
    }
