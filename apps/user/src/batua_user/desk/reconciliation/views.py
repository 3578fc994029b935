"""The pages of reconciliation."""

from uuid import UUID

from flask import (
    Blueprint,
    Response,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue

from batua_db.errors import DomainError
from batua_ui.desk.forms import ReasonForm
from batua_ui.forms import Form
from batua_ui.pages import show
from batua_user.desk.current import current_staff
from batua_user.reconciliation.service import reconcile
from batua_user.settlement_files.service import content

from . import days, queries, service

bp = Blueprint("reconciliation", __name__, url_prefix="/reconciliation")
PAGE = "desk/reconciliation/overview.html"


@bp.get("")
def overview() -> ResponseReturnValue:
    """Each bank against our book, with every named difference."""
    return show(PAGE, Form(formdata=None), found=queries.overview())


@bp.get("/files/<uuid:file_id>")
def day(file_id: UUID) -> ResponseReturnValue:
    """A day as the bank's settlement file says it was, and what of it differs."""
    file = days.find(file_id)
    return render_template("desk/reconciliation/day.html", file=file, lines=days.lines(file))


@bp.get("/files/<uuid:file_id>.csv")
def download(file_id: UUID) -> ResponseReturnValue:
    """The settlement file itself, as it was received."""
    file = days.find(file_id)
    name = f"settlement-{file.bank_code}-{file.day}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    # A stream that nobody reads would keep its context open.
    pieces = () if request.method == "HEAD" else stream_with_context(content(file_id))
    return Response(pieces, mimetype="text/csv", headers=headers)


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
