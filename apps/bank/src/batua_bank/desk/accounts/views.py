"""Pages about accounts and what moved."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_bank.desk import acts
from batua_bank.desk.current import current_staff
from batua_db.errors import DomainError
from batua_ui.pages import show

from . import queries, service
from .forms import CashForm, StatusForm

bp = Blueprint("accounts", __name__)

NEXT = {
    "open": [("frozen", "Frozen"), ("closed", "Closed")],
    "frozen": [("open", "Open again"), ("closed", "Closed")],
    "closed": [],
}


@bp.get("/accounts/<uuid:account_id>")
def account(account_id: UUID) -> ResponseReturnValue:
    """An account and its statement; that somebody looked at a customer's is on record."""
    shown = queries.account(account_id)
    if shown.customer:
        acts.look(current_staff, shown.customer.id)
    lines, upto = queries.lines(shown, request.args.get("upto", type=int))
    return render_template(
        "desk/accounts/account.html", shown=shown, lines=lines, upto=upto, rows=queries.ROWS
    )


@bp.route("/accounts/<uuid:account_id>/cash", methods=["GET", "POST"])
def cash(account_id: UUID) -> ResponseReturnValue:
    """Cash over the counter."""
    form, shown = CashForm(), queries.customers_account(account_id)
    if not form.validate_on_submit():
        return show("desk/accounts/cash.html", form, shown=shown)
    try:
        moved = service.cash(current_staff, account_id, **form.values)
    except DomainError as error:
        return show("desk/accounts/cash.html", form, error, shown=shown)
    return redirect(url_for(".movement", transfer_id=moved), 303)


@bp.route("/accounts/<uuid:account_id>/status", methods=["GET", "POST"])
def status(account_id: UUID) -> ResponseReturnValue:
    """Freeze an account, open it again, or close it."""
    form, shown = StatusForm(), queries.customers_account(account_id)
    form.becomes.offer(NEXT[shown.status])
    if form.validate_on_submit():
        try:
            service.set_status(
                current_staff, account_id, status=form.becomes.data, reason=form.reason.data
            )
        except DomainError as error:
            return show("desk/accounts/status.html", form, error, shown=shown)
        return redirect(url_for(".account", account_id=account_id), 303)
    return show("desk/accounts/status.html", form, shown=shown)


@bp.get("/movements/<uuid:transfer_id>")
def movement(transfer_id: UUID) -> ResponseReturnValue:
    """What moved, from where to where, and what took it back."""
    found = queries.movement(transfer_id)
    return render_template("desk/accounts/movement.html", movement=found)
