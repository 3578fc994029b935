"""Pages of QR codes: to show, to print, to download."""

from datetime import UTC, datetime

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_db.errors import DomainError, NotFound, Refused
from batua_db.models.payments import Merchant
from batua_user.extensions import current_user
from batua_user.merchants import queries
from batua_user.pages import show
from batua_user.payments import links
from batua_user.payments.links import Asked

from . import drawing
from .forms import LASTS, AskForm

bp = Blueprint("qr", __name__, url_prefix="/merchant")

COUNTED_DOWN = 3600  # seconds; what lasts longer says until when
PICTURES = {"svg": (drawing.svg, "image/svg+xml"), "png": (drawing.png, "image/png")}


@bp.route("/qr", methods=["GET", "POST"])
def counter() -> ResponseReturnValue:
    """The QR for the counter, and a form for one with an amount."""
    merchant = queries.mine(current_user)
    form = AskForm(lasts="1h")
    if not form.validate_on_submit():
        return _counter_page(form, merchant)
    amount, order_no = form.amount.data, form.order_no.data
    if queries.payment_of(merchant, order_no):
        again = Refused("This order is paid already. Give it another number.", field="order_no")
        return _counter_page(form, merchant, again)
    lasts = LASTS[form.lasts.data][1]
    token = links.sign(merchant.id, amount=amount, order_no=order_no, lasts=lasts)
    return redirect(url_for(".order", token=token), 303)


@bp.get("/qr/<token>")
def order(token: str) -> ResponseReturnValue:
    """The QR of one order, which says by itself that it was paid."""
    merchant = queries.mine(current_user)
    asked = _asked(merchant, token)
    payment = queries.payment_of(merchant, asked.order_no)
    state = "paid" if payment else "expired" if asked.expired else "open"
    if "HX-Request" in request.headers and request.args.get("seen") == state:
        return Response(status=204)
    left = int((asked.expires_at - datetime.now(UTC)).total_seconds())
    return render_template(
        "qr/order.html",
        merchant=merchant,
        asked=asked,
        token=token,
        link=links.address(merchant.id, token),
        payment=payment,
        state=state,
        left=left if left < COUNTED_DOWN else None,
    )


@bp.get("/qr.<any(svg, png):kind>")
def picture(kind: str) -> ResponseReturnValue:
    """The QR for the counter, as a picture."""
    return _picture(kind, links.address(queries.mine(current_user).id))


@bp.get("/qr/<token>/picture.<any(svg, png):kind>")
def order_picture(token: str, kind: str) -> ResponseReturnValue:
    """The QR of one order, as a picture."""
    merchant = queries.mine(current_user)
    _asked(merchant, token)
    return _picture(kind, links.address(merchant.id, token))


def _counter_page(
    form: AskForm, merchant: Merchant, error: DomainError | None = None
) -> ResponseReturnValue:
    link = links.address(merchant.id)
    return show("qr/counter.html", form, error, merchant=merchant, link=link)


def _asked(merchant: Merchant, token: str) -> Asked:
    """What my token asks for, expired or not."""
    try:
        asked = links.read(token, also_expired=True)
    except Refused:
        asked = None
    if asked is None or asked.merchant_id != merchant.id:
        raise NotFound("There is no such QR, or it is not yours.")
    return asked


def _picture(kind: str, link: str) -> Response:
    draw, mimetype = PICTURES[kind]
    return Response(draw(link), mimetype=mimetype)
