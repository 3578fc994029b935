"""The calls of the API about money that leaves a platform's account, and about the account."""

from typing import Any
from uuid import UUID

from flask import g

from batua_bank.clients import registry
from batua_bank.paging import cut
from batua_bank.payouts import checks, service
from batua_bank.payouts import queries as payouts
from batua_bank.refunds import queries as refund_queries
from batua_bank.refunds import service as refunds
from batua_bank.settlement import queries as settlement
from batua_db.errors import NotFound

from . import examples, schemas
from . import outgoing_schemas as shapes
from .views import IDEMPOTENCY_KEY, PAYMENT_ID, bp, named
from .writes import once


@bp.route("/payouts", methods=["POST"])
@bp.doc(parameters=[IDEMPOTENCY_KEY])
@once
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
    """List payouts, the newest first, or find the one with a reference."""
    found = payouts.payouts(g.client, **query)
    return {"items": [service.of_payout(each) for each in found.items], "next": found.next}


@bp.route(
    "/payouts/<uuid:payout_id>",
    parameters=named("payout_id", examples.PAYOUT["id"], "The payout."),
)
@bp.response(200, shapes.Payout, example=examples.PAID_OUT, refuses=(404,))
def read_payout(payout_id: UUID) -> dict[str, Any]:
    """Read a payout, and what became of it."""
    payout = payouts.payout(g.client, payout_id)
    if payout is None:
        raise NotFound("There is no such payout.")
    return service.of_payout(payout)


@bp.route("/payments/<uuid:payment_id>/refunds", methods=["POST"], parameters=PAYMENT_ID)
@bp.doc(parameters=[IDEMPOTENCY_KEY])
@once
@bp.arguments(shapes.RefundTerms, example=examples.REFUND_TERMS)
@bp.response(201, shapes.Refund, example=examples.REFUND, refuses=(404,))
def refund_payment(terms: dict[str, Any], payment_id: UUID) -> dict[str, Any]:
    """Give a payment back, in full or in part, to the account that paid.

    All refunds of a payment together are never more than it was.
    """
    return refunds.refund(g.client, payment_id, **terms)


@bp.route("/payments/<uuid:payment_id>/refunds", endpoint="list_refunds", parameters=PAYMENT_ID)
@bp.arguments(schemas.PageQuery, location="query")
@bp.response(200, shapes.Refunds, example=examples.REFUNDS, refuses=(404,))
def list_refunds(query: dict[str, Any], payment_id: UUID) -> dict[str, Any]:
    """List what was given back of a payment, the newest first."""
    payment, found = refund_queries.refunds(g.client, payment_id, **query)
    items = [refunds.of_refund(each, payment) for each in found.items]
    return {"items": items, "next": found.next}


@bp.route("/account-checks", methods=["POST"])
@bp.arguments(shapes.CheckTerms, example=examples.CHECK)
@bp.response(200, shapes.Checked, example=examples.CHECKED, refuses=(413, 415))
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
    lines = settlement.entries(account, after=query["after"], most=query["limit"] + 1)
    found = cut(lines, query["limit"], "number")
    items = [
        {**each._asdict(), "id": str(each.id), "at": each.at.isoformat()} for each in found.items
    ]
    return {"items": items, "next": found.next}
