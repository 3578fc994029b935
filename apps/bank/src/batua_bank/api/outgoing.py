"""The calls of the API about money that leaves a platform's account, and about the account."""

from typing import Any
from uuid import UUID

from flask import g

from batua_bank.clients import registry
from batua_bank.payouts import checks, service
from batua_bank.payouts import queries as payouts
from batua_bank.refunds import service as refunds
from batua_db.errors import NotFound

from . import examples, queries, schemas
from . import outgoing_schemas as shapes
from .views import IDEMPOTENCY_KEY, REPEATED_OTHERWISE, bp
from .writes import once

AT_ONCE = 200


@bp.route("/payouts", methods=["POST"])
@bp.doc(parameters=[IDEMPOTENCY_KEY])
@once
@bp.alt_response(409, schema=schemas.Error, description=REPEATED_OTHERWISE)
@bp.arguments(shapes.PayoutTerms, example=examples.PAYOUT_TERMS)
@bp.response(201, shapes.Payout, example=examples.PAYOUT)
def order_payout(terms: dict[str, Any]) -> dict[str, Any]:
    """Pay somebody from the platform's account.

    It is carried out a moment later; a webhook tells what became of it, and so does
    GET /payouts/{id}. One payout for each reference.
    """
    asked = {name: value for name, value in terms.items() if name != "currency"}
    return service.of_payout(service.order(g.client, service.Order(**asked)))


@bp.route("/payouts")
@bp.arguments(shapes.PayoutQuery, location="query")
@bp.response(200, shapes.Payouts, example=examples.PAYOUTS)
def list_payouts(query: dict[str, Any]) -> dict[str, Any]:
    """Find the payout with a reference."""
    found = payouts.payouts(g.client, query["reference"])
    return {"items": [service.of_payout(each) for each in found], "next": None}


@bp.route("/payouts/<uuid:payout_id>")
@bp.response(200, shapes.Payout, example=examples.PAID_OUT)
def read_payout(payout_id: UUID) -> dict[str, Any]:
    """Read a payout, and what became of it."""
    payout = payouts.payout(g.client, payout_id)
    if payout is None:
        raise NotFound("There is no such payout.")
    return service.of_payout(payout)


@bp.route("/payments/<uuid:payment_id>/refunds", methods=["POST"])
@bp.doc(parameters=[IDEMPOTENCY_KEY])
@once
@bp.alt_response(409, schema=schemas.Error, description=REPEATED_OTHERWISE)
@bp.arguments(shapes.RefundTerms, example=examples.REFUND_TERMS)
@bp.response(201, shapes.Refund, example=examples.REFUND)
def refund_payment(terms: dict[str, Any], payment_id: UUID) -> dict[str, Any]:
    """Give a payment back, in full or in part, to the account that paid.

    All refunds of a payment together are never more than it was.
    """
    return refunds.refund(g.client, payment_id, **terms)


@bp.route("/account-checks", methods=["POST"])
@bp.arguments(shapes.CheckTerms, example=examples.CHECK)
@bp.response(200, shapes.Checked, example=examples.CHECKED)
def check_account(terms: dict[str, Any]) -> dict[str, Any]:
    """Ask whether an account belongs to somebody, before paying them.

    It changes nothing, so that it needs no Idempotency-Key.
    """
    return checks.check(g.client, **terms)._asdict()


@bp.route("/settlement/entries")
@bp.arguments(shapes.EntryQuery, location="query")
@bp.response(200, shapes.Entries, example=examples.ENTRIES)
def list_entries(query: dict[str, Any]) -> dict[str, Any]:
    """List the lines of the platform's own account at a bank, to reconcile with."""
    account = registry.platform_account(g.client, query["bank"])
    found = queries.platform_entries(account, after=query["after"], most=AT_ONCE)
    more = str(found[-1].number) if len(found) == AT_ONCE else None
    items = [{**each._asdict(), "id": str(each.id), "at": each.at.isoformat()} for each in found]
    return {"items": items, "next": more}
