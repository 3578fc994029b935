"""Pages for settling, and for seeing where the money is."""

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_db import ledger
from batua_db.errors import DomainError, NotFound
from batua_db.models.payments import Merchant, Payout
from batua_user import steps
from batua_user.authorise import PinNeeded
from batua_user.bank_accounts import queries as bank_accounts
from batua_user.extensions import current_user
from batua_user.merchants.queries import mine
from batua_user.pages import PinForm, show
from batua_user.payouts import asking, timeline

from . import queries, service
from .forms import SettlementForm

bp = Blueprint("settlements", __name__, url_prefix="/merchant")


@bp.route("/settle", methods=["GET", "POST"])
def settle() -> ResponseReturnValue:
    """Ask how much of the takings, and to which account."""
    merchant = mine(current_user)
    held = ledger.balance(merchant.account_id)
    form = SettlementForm(amount=held or None, bank_account=str(merchant.settle_to or ""))
    accounts = bank_accounts.usable(current_user)
    form.bank_account.offer((each.id, each.last_digits) for each in accounts)
    if len(accounts) == 1 and not form.bank_account.data:
        form.bank_account.data = accounts[0].id
    if not form.validate_on_submit():
        return _ask_page(form, merchant)
    try:
        payout_id = service.prepare(current_user, merchant, **form.values)
    except DomainError as error:
        return _ask_page(form, merchant, error)
    return redirect(_page_of(payout_id), 303)


@bp.get("/settlements")
def settlements() -> ResponseReturnValue:
    """What went to the bank, newest first."""
    merchant, after = mine(current_user), _cursor()
    page = queries.settlements(merchant, after=after)
    return render_template(
        "settlements/list.html",
        page=page,
        newer=url_for(".settlements") if after else None,
        older=url_for(".settlements", after=page.older) if page.older else None,
    )


@bp.get("/settlements/<uuid:payout_id>")
def status(payout_id: UUID) -> ResponseReturnValue:
    """What is about to be settled, with the PIN; from then on, where the money is."""
    merchant = mine(current_user)
    payout = queries.find(merchant, payout_id)
    if payout.state == "prepared":
        return _confirm_page(PinForm(key=str(payout_id)), merchant, payout)
    return _status_page(merchant, payout)


@bp.post("/settlements/<uuid:payout_id>")
def pay(payout_id: UUID) -> ResponseReturnValue:
    """Take it out of the takings, and ask the bank to pay."""
    merchant = mine(current_user)
    payout = queries.find(merchant, payout_id)
    form = PinForm(key=str(payout_id))
    if not form.validate_on_submit():
        return _confirm_page(form, merchant, payout)
    try:
        service.pay(current_user, payout_id, pin=form.pin.data)
    except PinNeeded as error:
        flash(str(error))
        return _to_pin(payout_id)
    except NotFound:
        raise
    except DomainError as error:
        return _confirm_page(form, merchant, payout, error)
    asking.look(payout_id)
    return redirect(_page_of(payout_id), 303)


def _ask_page(
    form: SettlementForm, merchant: Merchant, error: DomainError | None = None
) -> ResponseReturnValue:
    held = ledger.balance(merchant.account_id)
    return show(
        "settlements/ask.html",
        form,
        error,
        merchant=merchant,
        held=held,
        fee=service.fee_of(held, merchant),
        not_yet=service.NOT_YET.get(merchant.state),
        accounts={str(each.id): each for each in bank_accounts.linked(current_user)},
    )


def _confirm_page(
    form: PinForm, merchant: Merchant, payout: Payout, error: DomainError | None = None
) -> ResponseReturnValue:
    if payout.state != "prepared":
        return redirect(_page_of(payout.id), 303)
    if current_user.pin_hash is None:
        return _to_pin(payout.id)
    left = ledger.balance(merchant.account_id) - payout.amount - payout.fee
    return show("settlements/confirm.html", form, error, payout=payout, left=left)


def _status_page(merchant: Merchant, payout: Payout) -> ResponseReturnValue:
    if payout.check_at is not None:
        asking.look(payout.id)
        payout = queries.find(merchant, payout.id)
    story = timeline.tell(payout, steps.of(payout.id))
    if "HX-Request" in request.headers and request.args.get("seen") == story.version:
        return Response(status=204)
    return render_template("settlements/status.html", merchant=merchant, payout=payout, story=story)


def _page_of(payout_id: UUID) -> str:
    return url_for(".status", payout_id=payout_id)


def _to_pin(payout_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("settings.pin", next=_page_of(payout_id)), 303)


def _cursor() -> UUID | None:
    """The settlement that the page before ended with; what isn't one begins at the top."""
    try:
        return UUID(request.args.get("after", ""))
    except ValueError:
        return None
