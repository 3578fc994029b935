"""Pages for paying a bill, and for seeing where its money is."""

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_config.current import settings
from batua_db import ledger
from batua_db.errors import DomainError, NotFound
from batua_db.models.payments import BillPayment
from batua_user import steps
from batua_user.authorise import PinNeeded
from batua_user.extensions import current_user
from batua_user.pages import PinForm, show

from . import asking, preparing, queries, service, timeline
from .catalogue import Listing
from .forms import BillForm
from .standin import BILL_ENDINGS, PAYING_ENDINGS

bp = Blueprint("billers", __name__, url_prefix="/pay")

# No longer than a code, so that the ids of others who can be paid are no billers.
CODE = "/<string(maxlength=16):code>"


@bp.route(CODE, methods=["GET", "POST"])
def bill(code: str) -> ResponseReturnValue:
    """Ask whose bill it is, and how much where the biller does not say."""
    biller = queries.find_biller(code)
    form = BillForm(biller.kind, reference=_again(code))
    if not form.validate_on_submit():
        return _bill_page(form, biller)
    try:
        payment_id = preparing.prepare(current_user, biller, **form.values)
    except DomainError as error:
        return _bill_page(form, biller, error)
    return redirect(url_for(".status", code=code, payment_id=payment_id), 303)


@bp.get(f"{CODE}/<uuid:payment_id>")
def status(code: str, payment_id: UUID) -> ResponseReturnValue:
    """What is about to be paid, with the PIN; from then on, where the money is."""
    payment = queries.find(current_user, code, payment_id)
    if payment.state == "prepared":
        return _confirm_page(PinForm(key=str(payment_id)), payment)
    return _status_page(payment)


@bp.post(f"{CODE}/<uuid:payment_id>")
def pay(code: str, payment_id: UUID) -> ResponseReturnValue:
    """Pay it, and ask the biller to take it."""
    payment = queries.find(current_user, code, payment_id)
    form = PinForm(key=str(payment_id))
    if not form.validate_on_submit():
        return _confirm_page(form, payment)
    try:
        service.pay(current_user, payment_id, pin=form.pin.data)
    except PinNeeded as error:
        flash(str(error))
        return _to_pin(payment)
    except NotFound:
        raise
    except DomainError as error:
        return _confirm_page(form, payment, error)
    asking.look(payment_id)
    return redirect(_page_of(payment), 303)


def _again(code: str) -> str | None:
    """The customer's number of an earlier payment that the address names."""
    try:
        earlier = UUID(request.args.get("again", ""))
    except ValueError:
        return None
    return queries.reference_of(current_user, code, earlier)


def _bill_page(
    form: BillForm, biller: Listing, error: DomainError | None = None
) -> ResponseReturnValue:
    trials = PAYING_ENDINGS | (BILL_ENDINGS if biller.kind.fetched else {})
    return show(
        "billers/bill.html",
        form,
        error,
        biller=biller,
        balance=ledger.balance(current_user.account_id),
        trials={} if settings.production else trials,
    )


def _confirm_page(
    form: PinForm, payment: BillPayment, error: DomainError | None = None
) -> ResponseReturnValue:
    if payment.state != "prepared":
        return redirect(_page_of(payment), 303)
    if current_user.pin_hash is None:
        return _to_pin(payment)
    return show(
        "billers/confirm.html",
        form,
        error,
        payment=payment,
        biller=queries.find_biller(payment.biller_code),
        balance=ledger.balance(current_user.account_id),
    )


def _status_page(payment: BillPayment) -> ResponseReturnValue:
    if payment.check_at is not None:
        asking.look(payment.id)
        payment = queries.find(current_user, payment.biller_code, payment.id)
    story = timeline.tell(payment, steps.of(payment.id))
    if "HX-Request" in request.headers and request.args.get("seen") == story.version:
        return Response(status=204)
    return render_template(
        "billers/status.html",
        payment=payment,
        biller=queries.find_biller(payment.biller_code),
        story=story,
        balance=queries.balance_after(current_user, payment),
    )


def _to_pin(payment: BillPayment) -> ResponseReturnValue:
    return redirect(url_for("settings.pin", next=_page_of(payment)), 303)


def _page_of(payment: BillPayment) -> str:
    return url_for("billers.status", code=payment.biller_code, payment_id=payment.id)
