"""Pages for withdrawing, and for seeing where the money is."""

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_db import ledger
from batua_db.errors import DomainError, NotFound
from batua_db.models.payments import Payout
from batua_ui.pages import show
from batua_user import steps
from batua_user.authorise import PinNeeded
from batua_user.bank_accounts import queries as bank_accounts
from batua_user.extensions import current_user
from batua_user.limits.queries import room_on_device
from batua_user.pages import PinForm
from batua_user.payouts import asking, timeline

from . import queries, service
from .forms import WithdrawForm

bp = Blueprint("withdrawals", __name__, url_prefix="/withdraw")


@bp.route("", methods=["GET", "POST"])
def withdraw() -> ResponseReturnValue:
    """Ask how much, and to which account."""
    form = WithdrawForm()
    accounts = bank_accounts.usable(current_user)
    form.bank_account.offer((each.id, each.last_digits) for each in accounts)
    if len(accounts) == 1 and not form.bank_account.data:
        form.bank_account.data = accounts[0].id
    if not form.validate_on_submit():
        return _ask_page(form)
    try:
        payout_id = service.prepare(current_user, **form.values)
    except DomainError as error:
        return _ask_page(form, error)
    return redirect(url_for(".status", payout_id=payout_id), 303)


@bp.get("/<uuid:payout_id>")
def status(payout_id: UUID) -> ResponseReturnValue:
    """What is about to be withdrawn, with the PIN; from then on, where the money is."""
    payout = queries.find(current_user, payout_id)
    if payout.state == "prepared":
        return _confirm_page(PinForm(key=str(payout_id)), payout)
    return _status_page(payout)


@bp.post("/<uuid:payout_id>")
def pay(payout_id: UUID) -> ResponseReturnValue:
    """Take it out of the wallet, and ask the bank to pay."""
    payout = queries.find(current_user, payout_id)
    form = PinForm(key=str(payout_id))
    if not form.validate_on_submit():
        return _confirm_page(form, payout)
    try:
        service.pay(current_user, payout_id, pin=form.pin.data)
    except PinNeeded as error:
        flash(str(error))
        return _to_pin(payout_id)
    except NotFound:
        raise
    except DomainError as error:
        return _confirm_page(form, payout, error)
    asking.look(payout_id)
    return redirect(url_for(".status", payout_id=payout_id), 303)


def _to_pin(payout_id: UUID) -> ResponseReturnValue:
    here = url_for(".status", payout_id=payout_id)
    return redirect(url_for("settings.pin", next=here), 303)


def _ask_page(form: WithdrawForm, error: DomainError | None = None) -> ResponseReturnValue:
    linked = bank_accounts.linked(current_user)
    return show(
        "withdrawals/ask.html",
        form,
        error,
        accounts={str(each.id): each for each in linked},
        balance=ledger.balance(current_user.account_id),
    )


def _confirm_page(
    form: PinForm, payout: Payout, error: DomainError | None = None
) -> ResponseReturnValue:
    if payout.state != "prepared":
        return redirect(url_for(".status", payout_id=payout.id), 303)
    if current_user.pin_hash is None:
        return _to_pin(payout.id)
    return show(
        "withdrawals/confirm.html",
        form,
        error,
        payout=payout,
        balance=ledger.balance(current_user.account_id),
        on_device=room_on_device(current_user),
    )


def _status_page(payout: Payout) -> ResponseReturnValue:
    if payout.check_at is not None:
        asking.look(payout.id)
        payout = queries.find(current_user, payout.id)
    story = timeline.tell(payout, steps.of(payout.id))
    if "HX-Request" in request.headers and request.args.get("seen") == story.version:
        return Response(status=204)
    return render_template("withdrawals/status.html", payout=payout, story=story)
