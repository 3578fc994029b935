"""The calls of the API."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Response, current_app, g, make_response

from batua_bank.clients import registry
from batua_bank.paging import cut
from batua_bank.pay import facts, lifecycle, links
from batua_bank.pay import queries as pay
from batua_bank.seals import service as seals
from batua_db.errors import NotFound
from batua_db.money import CURRENCY

from . import examples, queries, schemas
from .bodies import ApiBlueprint
from .signing import LONGEST_KEY, check_call
from .writes import once

bp = ApiBlueprint("api", __name__, url_prefix="/api/v1")
bp.before_request(check_call)

IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "Names this write: the same key with the same body gets the first answer.",
    "schema": {
        "type": "string",
        "pattern": f"^[!-~]([ -~]{{0,{LONGEST_KEY - 2}}}[!-~])?$",
        "examples": ["5f3c1b9e-8d0a-4a6f-9f0e-2f6f4d1c7b3a"],
    },
}


def named(
    parameter: str, example: str, about: str, *, form: str | None = "uuid"
) -> list[dict[str, Any]]:
    """What a path names, for the description."""
    schema: dict[str, Any] = {"type": "string", "examples": [example]}
    if form:
        schema["format"] = form
    return [{"in": "path", "name": parameter, "description": about, "schema": schema}]


PAYMENT_ID = named("payment_id", examples.PAYMENT["id"], "The payment.")


def linked(view: Callable[..., Any]) -> Callable[..., Response]:
    """Name the session's page in the answer, last of all: its link is stored nowhere."""

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Response:
        response = make_response(view(*args, **kwargs))
        if response.status_code < 400:
            said = current_app.json.loads(response.get_data())
            said["url"] = links.url_of(UUID(said["id"]))
            response.set_data(current_app.json.dumps(said))
        return response

    return answer


@bp.route("/banks")
@bp.response(200, schemas.Banks, example=examples.BANKS)
def list_banks() -> dict[str, Any]:
    """List the banks that customers can pay from."""
    return {"items": queries.banks(), "next": None}


@bp.route("/payment-sessions", methods=["POST"])
@linked
@bp.doc(parameters=[IDEMPOTENCY_KEY])
@once
@bp.arguments(schemas.SessionTerms, example=examples.TERMS)
@bp.response(201, schemas.Session, example=examples.SESSION)
def open_session(terms: dict[str, Any]) -> dict[str, Any]:
    """Ask a customer to pay.

    Send the customer to the url of the answer; it works for five minutes. One session for
    each reference.
    """
    asked = {name: value for name, value in terms.items() if name != "currency"}
    return _session(pay.Found(lifecycle.open_session(g.client, **asked), "open"))


@bp.route(
    "/payment-sessions/<uuid:session_id>",
    parameters=named("session_id", examples.SESSION["id"], "The payment session."),
)
@linked
@bp.response(200, schemas.Session, example=examples.SESSION, refuses=(404,))
def read_session(session_id: UUID) -> dict[str, Any]:
    """Read a payment session, and what became of it."""
    found = pay.by_id(g.client, session_id)
    if found is None:
        raise NotFound("There is no such payment session.")
    return _session(found)


@bp.route("/payments")
@bp.arguments(schemas.PaymentQuery, location="query")
@bp.response(200, schemas.Payments, example=examples.PAYMENTS)
def list_payments(query: dict[str, Any]) -> dict[str, Any]:
    """List captured payments, the newest first, or find the one with a reference."""
    found = pay.payments(g.client, **query)
    return {"items": [facts.of_payment(each) for each in found.items], "next": found.next}


@bp.route("/payments/<uuid:payment_id>", parameters=PAYMENT_ID)
@bp.response(200, schemas.Payment, example=examples.PAYMENT, refuses=(404,))
def read_payment(payment_id: UUID) -> dict[str, Any]:
    """Read a captured payment."""
    payment = pay.payment(g.client, payment_id)
    if payment is None:
        raise NotFound("There is no such payment.")
    return facts.of_payment(payment)


@bp.route("/settlement")
@bp.arguments(schemas.BankQuery, location="query")
@bp.response(200, schemas.Settlement, example=examples.SETTLEMENT)
def read_settlement(query: dict[str, Any]) -> dict[str, Any]:
    """Read the balance of the platform's own account at a bank.

    It is the balance after the line with that number, and no later line exists yet.
    """
    account = registry.platform_account(g.client, query["bank"])
    balance, number = queries.platform_stands(account)
    return {
        "bank": query["bank"],
        "currency": CURRENCY,
        "balance": balance.paise,
        "number": number,
        "at": datetime.now(UTC).isoformat(),
    }


@bp.route("/seals", methods=["POST"])
@bp.doc(parameters=[IDEMPOTENCY_KEY])
@once
@bp.arguments(schemas.Seals, example=examples.SEALS)
@bp.response(201, schemas.Seals, example=examples.SEALS)
def keep_seals(given: dict[str, Any]) -> dict[str, Any]:
    """Keep digests of the platform's book.

    One that differs from what was kept before is refused with 409, and raises an alarm.
    """
    seals.keep(
        g.client,
        (
            seals.Digest(each["book"], each["number"], bytes.fromhex(each["digest"]))
            for each in given["items"]
        ),
    )
    return given


@bp.route("/seals", endpoint="list_seals")
@bp.arguments(schemas.SealQuery, location="query")
@bp.response(200, schemas.SealList, example=examples.SEAL_LIST)
def list_seals(query: dict[str, Any]) -> dict[str, Any]:
    """List digests of the bank's own book, for the platform to keep."""
    own = cut(seals.own(query["after"], query["limit"] + 1), query["limit"], "number")
    items = [each._asdict() | {"digest": each.digest.hex()} for each in own.items]
    return {"items": items, "next": own.next}


def _session(found: pay.Found) -> dict[str, Any]:
    session = found.session
    return facts.of_session(session) | {
        "status": found.status,
        "description": session.description,
        "return_url": session.return_url,
        "expires_at": session.expires_at.isoformat(),
    }
