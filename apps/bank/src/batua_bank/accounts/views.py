"""Balances and statements."""

from uuid import UUID

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from batua_bank.extensions import current_customer

from . import queries

bp = Blueprint("accounts", __name__, url_prefix="/accounts")


@bp.get("")
def overview() -> ResponseReturnValue:
    """All accounts, and the first one's latest rows."""
    return _page(queries.holdings(current_customer), None)


@bp.get("/<uuid:account_id>")
def account(account_id: UUID) -> ResponseReturnValue:
    """One account of the customer's own: any other is not there."""
    return _page(queries.holdings(current_customer), account_id)


def _page(holdings: list[queries.Holding], account_id: UUID | None) -> ResponseReturnValue:
    chosen = next((each for each in holdings if account_id in {None, each.id}), None)
    if chosen is None and account_id is not None:
        abort(404)
    return render_template(
        "accounts/overview.html",
        customer=current_customer,
        bank=current_customer.bank,
        holdings=holdings,
        chosen=chosen,
        statement=queries.statement(chosen, _upto()) if chosen else None,
    )


def _upto() -> int | None:
    """Where the page of the statement begins; nonsense means the newest."""
    typed = request.args.get("upto", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else None
