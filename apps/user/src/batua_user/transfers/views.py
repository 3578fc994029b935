"""Pages for sending money."""

from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from batua_db import ledger
from batua_db.errors import DomainError, NotFound
from batua_ui.forms import Form
from batua_user.authorise import PinNeeded
from batua_user.extensions import current_user
from batua_user.limits import payees
from batua_user.limits.service import rules
from batua_user.pages import PinForm, show

from . import queries, service
from .forms import SendForm

bp = Blueprint("transfers", __name__, url_prefix="/send")


@bp.route("", methods=["GET", "POST"])
def send() -> ResponseReturnValue:
    """Ask to whom and how much."""
    form = SendForm()
    if not form.validate_on_submit():
        return _send_page(form)
    try:
        order_id = service.prepare(current_user, **form.values)
    except DomainError as error:
        return _send_page(form, error)
    return redirect(url_for(".confirm", order_id=order_id), 303)


@bp.get("/<uuid:order_id>")
def confirm(order_id: UUID) -> ResponseReturnValue:
    """Show what is about to happen, and ask for the PIN."""
    if current_user.pin_hash is None:
        return _to_pin(order_id)
    return _confirm_page(PinForm(key=str(order_id)), order_id)


@bp.post("/<uuid:order_id>")
def pay(order_id: UUID) -> ResponseReturnValue:
    """Send it."""
    form = PinForm(key=str(order_id))
    if not form.validate_on_submit():
        return _confirm_page(form, order_id)
    try:
        transfer_id = service.pay(current_user, order_id, pin=form.pin.data)
    except PinNeeded as error:
        flash(str(error))
        return _to_pin(order_id)
    except NotFound:
        raise
    except DomainError as error:
        return _confirm_page(form, order_id, error)
    return redirect(url_for("activity.receipt", transfer_id=transfer_id), 303)


@bp.route("/payees/<uuid:payee_id>", methods=["GET", "POST"])
def payee(payee_id: UUID) -> ResponseReturnValue:
    """Register somebody I send to, with the PIN, to send them more from tomorrow on."""
    here = url_for(".payee", payee_id=payee_id)
    person, registered = payees.find(current_user, payee_id)
    if current_user.pin_hash is None:
        return redirect(url_for("settings.pin", next=here), 303)
    form = PinForm(key=str(payee_id))
    page = {"person": person, "registered": registered, "most": rules(current_user.tier)}
    if not form.validate_on_submit():
        return show("transfers/payee.html", form, **page)
    try:
        payees.register(current_user, payee_id, pin=form.pin.data)
    except PinNeeded as error:
        flash(str(error))
        return redirect(url_for("settings.pin", next=here), 303)
    except DomainError as error:
        return show("transfers/payee.html", form, error, **page)
    return redirect(here, 303)


def _chosen() -> str | None:
    """The number of someone they know, whom the address names."""
    try:
        wanted = UUID(request.args.get("to", ""))
    except ValueError:
        return None
    return queries.known_phone(current_user, wanted)


def _to_pin(order_id: UUID) -> ResponseReturnValue:
    back = url_for(".confirm", order_id=order_id)
    return redirect(url_for("settings.pin", next=back), 303)


def _send_page(form: SendForm, error: DomainError | None = None) -> ResponseReturnValue:
    recent = queries.recent(current_user)
    if not form.is_submitted():
        form.phone.data = _chosen()
    balance = ledger.balance(current_user.account_id)
    return show("transfers/send.html", form, error, recent=recent, balance=balance)


def _confirm_page(
    form: Form, order_id: UUID, error: DomainError | None = None
) -> ResponseReturnValue:
    preview = queries.preview(current_user, order_id)
    if preview.transfer_id:
        return redirect(url_for("activity.receipt", transfer_id=preview.transfer_id), 303)
    balance = ledger.balance(current_user.account_id)
    return show("transfers/confirm.html", form, error, preview=preview, balance=balance)
