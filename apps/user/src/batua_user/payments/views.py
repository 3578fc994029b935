"""Pages for paying a business."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_db import ledger
from batua_db.errors import DomainError, NotFound, Refused
from batua_db.models.payments import Merchant, Payment
from batua_user.authorise import PinNeeded
from batua_user.extensions import current_user
from batua_user.merchants.categories import title_of
from batua_user.pages import PinForm, show

from . import links, queries, service
from .forms import PayForm
from .links import Asked

bp = Blueprint("payments", __name__, url_prefix="/pay")


@bp.route("/<uuid:merchant_id>", methods=["GET", "POST"])
def shop(merchant_id: UUID) -> ResponseReturnValue:
    """Ask how much; a signed link has said it already."""
    merchant, token = queries.find_merchant(merchant_id), _token()
    form = PayForm(_asked(merchant, token))
    if not form.validate_on_submit():
        return _shop_page(form, merchant)
    try:
        payment_id = service.prepare(current_user, merchant, token=token, **form.values)
    except DomainError as error:
        return _shop_page(form, merchant, error)
    return redirect(_confirm(merchant_id, payment_id), 303)


@bp.get("/<uuid:merchant_id>/<uuid:payment_id>")
def confirm(merchant_id: UUID, payment_id: UUID) -> ResponseReturnValue:
    """Show what is about to be paid, and ask for the PIN."""
    payment = queries.find(current_user, merchant_id, payment_id)
    return _confirm_page(PinForm(key=str(payment_id)), payment)


@bp.post("/<uuid:merchant_id>/<uuid:payment_id>")
def pay(merchant_id: UUID, payment_id: UUID) -> ResponseReturnValue:
    """Pay it."""
    payment = queries.find(current_user, merchant_id, payment_id)
    form = PinForm(key=str(payment_id))
    if not form.validate_on_submit():
        return _confirm_page(form, payment)
    try:
        transfer_id = service.pay(current_user, payment_id, pin=form.pin.data, token=_token())
    except PinNeeded as error:
        flash(str(error))
        return _to_pin(payment)
    except NotFound:
        raise
    except DomainError as error:
        return _confirm_page(form, payment, error)
    return _to_receipt(transfer_id)


def _asked(merchant: Merchant, token: str | None) -> Asked | None:
    """What the link asks for. A form that was shown in time may come a little later."""
    if token is None:
        return None
    asked = links.read(token, also_expired=request.method == "POST")
    if asked.merchant_id != merchant.id:
        raise Refused(links.NOT_OURS)
    return asked


def _shop_page(
    form: PayForm, merchant: Merchant, error: DomainError | None = None
) -> ResponseReturnValue:
    order_no = form.asked.order_no if form.asked else None
    if order_no and service.is_paid(merchant.id, order_no):
        return _paid_page(merchant, order_no)
    return show(
        "payments/shop.html",
        form,
        error,
        merchant=merchant,
        category=title_of(merchant.category),
        own=merchant.user_id == current_user.id,
        balance=ledger.balance(current_user.account_id),
    )


def _confirm_page(
    form: PinForm, payment: Payment, error: DomainError | None = None
) -> ResponseReturnValue:
    if payment.transfer_id:
        return _to_receipt(payment.transfer_id)
    if payment.order_no and service.is_paid(payment.merchant_id, payment.order_no):
        return _paid_page(payment.merchant, payment.order_no)
    if current_user.pin_hash is None:
        return _to_pin(payment)
    return show(
        "payments/confirm.html",
        form,
        error,
        payment=payment,
        address=_confirm(payment.merchant_id, payment.id),
        back=url_for(".shop", merchant_id=payment.merchant_id, request=_token()),
        balance=ledger.balance(current_user.account_id),
    )


def _paid_page(merchant: Merchant, order_no: str) -> ResponseReturnValue:
    """An order that somebody has paid, perhaps this person: there is nothing left to do."""
    mine = queries.my_payment_of(current_user, merchant.id, order_no)
    page = render_template("payments/paid.html", merchant=merchant, order_no=order_no, mine=mine)
    return page, 422 if request.method == "POST" else 200


def _confirm(merchant_id: UUID, payment_id: UUID) -> str:
    """The page of the PIN; the link that asked for the payment stays in its address."""
    return url_for(".confirm", merchant_id=merchant_id, payment_id=payment_id, request=_token())


def _token() -> str | None:
    return request.args.get("request")


def _to_pin(payment: Payment) -> ResponseReturnValue:
    back = _confirm(payment.merchant_id, payment.id)
    return redirect(url_for("settings.pin", next=back), 303)


def _to_receipt(transfer_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("activity.receipt", transfer_id=transfer_id), 303)
