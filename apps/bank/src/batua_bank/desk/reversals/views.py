"""Pages of reversals."""

from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from batua_bank.desk.accounts.queries import movement
from batua_bank.desk.current import current_staff
from batua_db.errors import DomainError
from batua_ui.desk.proposals import DecideForm, ProposeForm
from batua_ui.pages import show

from . import queries, service

bp = Blueprint("reversals", __name__, url_prefix="/reversals")


@bp.get("")
def overview() -> ResponseReturnValue:
    """What waits for a second member of staff, and what was decided."""
    return render_template("desk/reversals/overview.html", reversals=queries.latest())


@bp.route("/of/<uuid:transfer_id>", methods=["GET", "POST"])
def propose(transfer_id: UUID) -> ResponseReturnValue:
    """How much of a movement is to go back, and why."""
    form = ProposeForm()
    if not form.validate_on_submit():
        return _propose_page(form, transfer_id)
    try:
        made = service.propose(current_staff, transfer_id, **form.values)
    except DomainError as error:
        return _propose_page(form, transfer_id, error)
    return redirect(url_for(".reversal", reversal_id=made), 303)


@bp.get("/<uuid:reversal_id>")
def reversal(reversal_id: UUID) -> ResponseReturnValue:
    """A reversal, and the form of whoever may decide about it."""
    return _page(DecideForm(formdata=None, key=str(reversal_id)), reversal_id)


@bp.post("/<uuid:reversal_id>")
def decide(reversal_id: UUID) -> ResponseReturnValue:
    """Make it, or refuse it."""
    form = DecideForm(key=str(reversal_id))
    if not form.validate_on_submit():
        return _page(form, reversal_id)
    try:
        service.decide(current_staff, reversal_id, approve=form.approves, reason=form.reason.data)
    except DomainError as error:
        return _page(form, reversal_id, error)
    return redirect(url_for(".reversal", reversal_id=reversal_id), 303)


def _propose_page(
    form: ProposeForm, transfer_id: UUID, error: DomainError | None = None
) -> Response:
    left = queries.PROPOSALS.left(queries.reversible(transfer_id))
    if not form.is_submitted():
        form.amount.data = left
    return show(
        "desk/reversals/propose.html", form, error, movement=movement(transfer_id), left=left
    )


def _page(form: DecideForm, reversal_id: UUID, error: DomainError | None = None) -> Response:
    return show("desk/reversals/reversal.html", form, error, shown=queries.find(reversal_id))
