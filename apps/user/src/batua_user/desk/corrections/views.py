"""Pages of corrections."""

from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from batua_db.errors import DomainError
from batua_ui.desk.proposals import DecideForm, ProposeForm
from batua_ui.pages import show
from batua_user.activity import parties
from batua_user.desk.current import current_staff

from . import queries, service

bp = Blueprint("corrections", __name__, url_prefix="/corrections")


@bp.get("")
def overview() -> ResponseReturnValue:
    """What waits for a second member of staff, and what was decided."""
    return render_template("desk/corrections/overview.html", corrections=queries.latest())


@bp.route("/of/<uuid:transfer_id>", methods=["GET", "POST"])
def propose(transfer_id: UUID) -> ResponseReturnValue:
    """How much of a transfer is to go back, and why."""
    form = ProposeForm()
    if not form.validate_on_submit():
        return _propose_page(form, transfer_id)
    try:
        made = service.propose(current_staff, transfer_id, **form.values)
    except DomainError as error:
        return _propose_page(form, transfer_id, error)
    return redirect(url_for(".correction", correction_id=made), 303)


@bp.get("/<uuid:correction_id>")
def correction(correction_id: UUID) -> ResponseReturnValue:
    """A correction, and the form of whoever may decide about it."""
    return _page(DecideForm(formdata=None, key=str(correction_id)), correction_id)


@bp.post("/<uuid:correction_id>")
def decide(correction_id: UUID) -> ResponseReturnValue:
    """Make it, or refuse it."""
    form = DecideForm(key=str(correction_id))
    if not form.validate_on_submit():
        return _page(form, correction_id)
    try:
        service.decide(current_staff, correction_id, approve=form.approves, reason=form.reason.data)
    except DomainError as error:
        return _page(form, correction_id, error)
    return redirect(url_for(".correction", correction_id=correction_id), 303)


def _propose_page(
    form: ProposeForm, transfer_id: UUID, error: DomainError | None = None
) -> Response:
    transfer = queries.correctable(transfer_id)
    left = queries.PROPOSALS.left(transfer)
    if not form.is_submitted():
        form.amount.data = left
    whose = parties.of_accounts({transfer.debit_account, transfer.credit_account})
    return show(
        "desk/corrections/propose.html", form, error, transfer=transfer, left=left, whose=whose
    )


def _page(form: DecideForm, correction_id: UUID, error: DomainError | None = None) -> Response:
    return show("desk/corrections/correction.html", form, error, shown=queries.find(correction_id))
