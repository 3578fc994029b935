"""The page of reconciliation."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from batua_db.errors import DomainError
from batua_ui.desk.forms import ReasonForm
from batua_ui.forms import Form
from batua_ui.pages import show
from batua_user.desk.current import current_staff
from batua_user.reconciliation.service import reconcile

from . import queries, service

bp = Blueprint("reconciliation", __name__, url_prefix="/reconciliation")
PAGE = "desk/reconciliation/overview.html"


@bp.get("")
def overview() -> ResponseReturnValue:
    """Each bank against our book, with every named difference."""
    return show(PAGE, Form(formdata=None), found=queries.overview())


@bp.post("/read")
def read() -> ResponseReturnValue:
    """The same, after reading the statements now and not in the worker's turn."""
    reconcile()
    return show(PAGE, Form(formdata=None), found=queries.overview())


@bp.route("/resume", methods=["GET", "POST"])
def resume() -> ResponseReturnValue:
    """Let payouts go on."""
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            service.resume(current_staff, reason=form.reason.data)
        except DomainError as error:
            return show("desk/reconciliation/resume.html", form, error, halt=queries.halt())
        return redirect(url_for(".overview"), 303)
    return show("desk/reconciliation/resume.html", form, halt=queries.halt())
