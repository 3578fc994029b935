"""The page on which a customer begins."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from batua_bank.extensions import current_customer
from batua_db.errors import DomainError
from batua_ui.addresses import own_path
from batua_ui.pages import show

from . import service
from .forms import BeginForm

bp = Blueprint("welcome", __name__)


@bp.route("/welcome", methods=["GET", "POST"])
def begin() -> ResponseReturnValue:
    """Choose password and MPIN, and go on to where they were going."""
    onwards = own_path(request.args.get("next")) or url_for("accounts.overview")
    if current_customer.starts_by is None:
        return redirect(onwards, 303)
    form, page = BeginForm(), {"customer": current_customer, "bank": current_customer.bank}
    if not form.validate_on_submit():
        return show("welcome/begin.html", form, **page)
    try:
        service.begin(current_customer, password=form.password.data, mpin=form.mpin.data)
    except DomainError as error:
        return show("welcome/begin.html", form, error, **page)
    return redirect(onwards, 303)
