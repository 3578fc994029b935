"""Pages of the banks that this house runs."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from batua_bank.desk.current import current_staff
from batua_bank.desk.customers.queries import banks
from batua_db.errors import DomainError
from batua_ui.pages import show

from . import service
from .forms import BankForm

bp = Blueprint("banks", __name__, url_prefix="/banks")


@bp.get("")
def overview() -> ResponseReturnValue:
    """All of them."""
    return render_template("desk/banks/overview.html", banks=banks())


@bp.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Open another."""
    form = BankForm()
    if not form.validate_on_submit():
        return show("desk/banks/new.html", form)
    try:
        service.open_bank(current_staff, **form.values)
    except DomainError as error:
        return show("desk/banks/new.html", form, error)
    return redirect(url_for(".overview"), 303)
