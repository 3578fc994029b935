"""Pages of a business: its takings, its payments, what is given back, its settings."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_db import ledger
from batua_db.errors import DomainError, NotFound
from batua_db.models.payments import Merchant, Payment
from batua_ui.filters import day
from batua_user.authorise import PinNeeded
from batua_user.bank_accounts import queries as bank_accounts
from batua_user.extensions import current_user
from batua_user.pages import show
from batua_user.settlements.service import fee_of

from . import queries, refunds, service, takings
from .categories import title_of
from .forms import BusinessForm, RefundForm, SettleForm

bp = Blueprint("merchants", __name__, url_prefix="/merchant")

LATEST = 5


@bp.route("", methods=["GET", "POST"])
def overview() -> ResponseReturnValue:
    """My business today; or the form that starts one."""
    merchant = queries.of(current_user)
    if merchant:
        return _overview(merchant) if request.method == "GET" else _home()
    form = BusinessForm()
    if not form.validate_on_submit():
        return show("merchants/start.html", form)
    try:
        service.start(current_user, **form.values)
    except DomainError as error:
        return show("merchants/start.html", form, error)
    return _home()


@bp.get("/payments")
def payments() -> ResponseReturnValue:
    """What was paid, newest first."""
    merchant, after = queries.mine(current_user), _cursor()
    page = queries.payments(merchant, after=after)
    return render_template(
        "merchants/payments.html",
        merchant=merchant,
        days=_by_day(page.payments),
        newer=url_for(".payments") if after else None,
        older=url_for(".payments", after=page.older) if page.older else None,
    )


@bp.route("/payments/<uuid:payment_id>", methods=["GET", "POST"])
def payment(payment_id: UUID) -> ResponseReturnValue:
    """One payment in full, and the form that gives some of it back."""
    found = queries.find_payment(queries.mine(current_user), payment_id)
    form = RefundForm(amount=found.amount - found.refunded)
    here = url_for(".payment", payment_id=payment_id)
    if not form.validate_on_submit():
        return _payment_page(form, found)
    try:
        refunds.refund(current_user, payment_id, **form.values)
    except PinNeeded as error:
        flash(str(error))
        return redirect(url_for("settings.pin", next=here), 303)
    except NotFound:
        raise
    except DomainError as error:
        return _payment_page(form, found, error)
    flash(f"{form.amount.data} given back")
    return redirect(here, 303)


@bp.get("/settings")
def settings() -> ResponseReturnValue:
    """What my business is, and where its takings go."""
    merchant = queries.mine(current_user)
    return _settings_page(merchant, _details(merchant), _settling(merchant))


@bp.post("/settings/details")
def change() -> ResponseReturnValue:
    """Give it other details, which are looked at again."""
    merchant = queries.mine(current_user)
    form = _details(merchant)
    if not form.validate_on_submit():
        return _settings_page(merchant, form, _settling(merchant, shown=True))
    try:
        service.change(current_user, **form.values)
    except DomainError as error:
        return _settings_page(merchant, form, _settling(merchant, shown=True), error)
    flash("Your details are saved")
    return redirect(url_for(".settings"), 303)


@bp.post("/settings/bank")
def arrange() -> ResponseReturnValue:
    """Choose the account, and whether the takings go there every night."""
    merchant = queries.mine(current_user)
    form = _settling(merchant)
    if not form.validate_on_submit():
        return _settings_page(merchant, _details(merchant, shown=True), form)
    service.arrange(current_user, **form.values)
    flash("Saved")
    return redirect(url_for(".settings"), 303)


def _by_day(payments: Sequence[Payment]) -> list[tuple[str, list[Payment]]]:
    """Payments below the days they were made on, as people in India count days."""
    days = groupby(payments, lambda each: day(each.paid_at) if each.paid_at else "")
    return [(title, list(group)) for title, group in days]


def _home() -> ResponseReturnValue:
    return redirect(url_for(".overview"), 303)


def _overview(merchant: Merchant) -> ResponseReturnValue:
    days, held = takings.by_day(merchant), ledger.balance(merchant.account_id)
    return render_template(
        "merchants/overview.html",
        merchant=merchant,
        category=title_of(merchant.category),
        today=days[-1],
        chart=takings.draw(days),
        held=held,
        fee=fee_of(held, merchant),
        latest=queries.payments(merchant, most=LATEST).payments,
    )


def _payment_page(
    form: RefundForm, payment: Payment, error: DomainError | None = None
) -> ResponseReturnValue:
    return show(
        "merchants/payment.html",
        form,
        error,
        payment=payment,
        left=payment.amount - payment.refunded,
        refunds=queries.refunds(payment),
    )


def _details(merchant: Merchant, *, shown: bool = False) -> BusinessForm:
    """The form of the details; ``shown``: another form of the page was sent."""
    known = {"business_name": merchant.business_name, "category": merchant.category}
    return BusinessForm(formdata=None, **known) if shown else BusinessForm(**known)


def _settling(merchant: Merchant, *, shown: bool = False) -> SettleForm:
    """The form of where the takings go; ``shown``: another form of the page was sent."""
    known: dict[str, Any] = {"settle_to": str(merchant.settle_to or "")}
    known["settle_nightly"] = merchant.settle_nightly
    form = SettleForm(formdata=None, **known) if shown else SettleForm(**known)
    linked = bank_accounts.linked(current_user)
    form.settle_to.offer((each.id, each.last_digits) for each in linked)
    return form


def _settings_page(
    merchant: Merchant,
    details: BusinessForm,
    settling: SettleForm,
    error: DomainError | None = None,
) -> ResponseReturnValue:
    linked = bank_accounts.linked(current_user)
    answer = show(
        "merchants/settings.html",
        details,
        error,
        settling=settling,
        merchant=merchant,
        accounts={str(each.id): each for each in linked},
    )
    answer.status_code = max(answer.status_code, settling.status)
    return answer


def _cursor() -> UUID | None:
    """The payment that the page before ended with; what isn't one begins at the top."""
    try:
        return UUID(request.args.get("after", ""))
    except ValueError:
        return None
