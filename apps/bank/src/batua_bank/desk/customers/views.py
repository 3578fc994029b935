"""Pages about customers."""

from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from batua_bank.desk import acts, references
from batua_bank.desk.current import current_staff
from batua_db.errors import DomainError
from batua_ui.desk.find import FindForm
from batua_ui.desk.forms import ReasonForm
from batua_ui.pages import show

from . import queries, service
from .forms import AccountForm, OpenForm

bp = Blueprint("customers", __name__, url_prefix="/customers")


@bp.get("")
def find() -> ResponseReturnValue:
    """Customers by name; a number or a reference leads to what it names."""
    form = FindForm()
    text = form.q.data or ""
    if text and (place := references.place_of(text)):
        return redirect(url_for(place.endpoint, **place.values), 303)
    found = queries.search(text) if text else ()
    page = render_template(
        "desk/customers/find.html", form=form, text=text, found=found, most=queries.MOST
    )
    return Response(page, form.status)


@bp.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Take a customer in; the password they begin with is shown here, once."""
    form = OpenForm()
    form.bank.offer((bank.code, bank.name) for bank in queries.banks())
    if not form.validate_on_submit():
        return show("desk/customers/new.html", form)
    try:
        opened = service.open_customer(current_staff, **form.values)
    except DomainError as error:
        return show("desk/customers/new.html", form, error)
    if opened.password is None:  # it was shown when this was sent before
        return redirect(url_for(".customer", customer_id=opened.id), 303)
    return _shown_once(opened.id, opened.password)


@bp.get("/<uuid:customer_id>")
def customer(customer_id: UUID) -> ResponseReturnValue:
    """All about a customer; that somebody looked is on record."""
    person = queries.person(customer_id)
    acts.look(current_staff, customer_id)
    return render_template("desk/customers/customer.html", person=person)


@bp.route("/<uuid:customer_id>/account", methods=["GET", "POST"])
def account(customer_id: UUID) -> ResponseReturnValue:
    """Another account."""
    form, found = AccountForm(), queries.find(customer_id)
    if form.validate_on_submit():
        opened = service.open_account(current_staff, customer_id, **form.values)
        return redirect(url_for("desk.accounts.account", account_id=opened), 303)
    return show("desk/customers/account.html", form, customer=found)


@bp.route("/<uuid:customer_id>/sign-in", methods=["GET", "POST"])
def sign_in(customer_id: UUID) -> ResponseReturnValue:
    """Let somebody in again who has forgotten a password or an MPIN."""
    form, found = ReasonForm(), queries.find(customer_id)
    if not form.validate_on_submit():
        return show("desk/customers/sign_in.html", form, customer=found)
    password = service.let_in_again(current_staff, customer_id, reason=form.reason.data)
    return _shown_once(customer_id, password)


def _shown_once(customer_id: UUID, password: str) -> Response:
    page = render_template(
        "desk/customers/begins.html", customer=queries.find(customer_id), password=password
    )
    return Response(page)
