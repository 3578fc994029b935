"""Pages about what guards my money."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from batua_bank.auth import browser
from batua_bank.extensions import current_customer
from batua_db import sessions
from batua_db.errors import DomainError
from batua_db.models.bank import Session
from batua_ui.forms import Form
from batua_ui.pages import show

from . import access, service
from .forms import MpinForm, NewPasswordForm

bp = Blueprint("security", __name__, url_prefix="/security")


@bp.get("")
def overview() -> ResponseReturnValue:
    """Password and MPIN, where I am signed in, and who signed in."""
    token = current_customer.session_token
    return _show(
        "overview",
        Form(formdata=None),
        browsers=sessions.listed(Session, current_customer.id, here=token),
        history=access.history(current_customer),
    )


@bp.route("/mpin", methods=["GET", "POST"])
def mpin() -> ResponseReturnValue:
    """Choose a new MPIN."""
    form = MpinForm()
    if not form.validate_on_submit():
        return _show("mpin", form)
    try:
        token = service.change_mpin(current_customer, browser.visitor(), **form.values)
    except DomainError as error:
        return _show("mpin", form, error)
    browser.go_on(token)
    flash("Your MPIN is changed, and every other browser is signed out")
    return redirect(url_for(".overview"), 303)


@bp.route("/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Choose a new password."""
    form = NewPasswordForm()
    if not form.validate_on_submit():
        return _show("password", form)
    try:
        token = service.change_password(current_customer, browser.visitor(), **form.values)
    except DomainError as error:
        return _show("password", form, error)
    browser.go_on(token)
    flash("Your password is changed, and every other browser is signed out")
    return redirect(url_for(".overview"), 303)


@bp.post("/sign-out-others")
def sign_out_others() -> ResponseReturnValue:
    """End the sessions of all other browsers."""
    service.sign_out_others(current_customer, browser.visitor())
    flash("Every other browser is signed out")
    return redirect(url_for(".overview"), 303)


@bp.post("/sign-out-one")
def sign_out_one() -> ResponseReturnValue:
    """End the session of one browser."""
    service.sign_out_one(current_customer, browser.visitor(), request.form.get("session", ""))
    flash("That browser is signed out")
    return redirect(url_for(".overview"), 303)


def _show(page: str, form: Form, refusal: DomainError | None = None, **more: Any) -> Any:
    customer = current_customer
    whose: dict[str, Any] = {"customer": customer, "bank": customer.bank}
    return show(f"security/{page}.html", form, refusal, **whose, **more)
