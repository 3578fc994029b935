"""The simulator's page on the desk."""

from uuid import UUID

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from batua_bank.desk.current import current_staff
from batua_db.errors import DomainError
from batua_ui.pages import show

from . import queries, service
from .forms import WHY, EndForm, FaultForm
from .kinds import KINDS

bp = Blueprint("simulator", __name__)


@bp.route("", methods=["GET", "POST"])
def overview() -> ResponseReturnValue:
    """What goes wrong, and the form to let more go wrong."""
    form = FaultForm()
    clients = queries.clients(current_staff)
    form.offer(queries.banks(), clients, own=bool(current_staff.client_id))
    if not form.validate_on_submit():
        return _page(form)
    try:
        service.switch_on(form.wanted, by=current_staff)
    except DomainError as error:
        return _page(form, error)
    flash(f"{KINDS[form.what.data].title}: on.", "success")
    return redirect(url_for(".overview"), 303)


@bp.post("/<uuid:fault_id>/end")
def end(fault_id: UUID) -> ResponseReturnValue:
    """Let it go right again."""
    if EndForm().validate_on_submit():
        service.end(fault_id, by=current_staff)
    return redirect(url_for(".overview"), 303)


@bp.post("/end-all")
def end_all() -> ResponseReturnValue:
    """Let everything go right again."""
    if EndForm().validate_on_submit():
        service.end_all(by=current_staff)
    return redirect(url_for(".overview"), 303)


def _page(form: FaultForm, error: DomainError | None = None) -> ResponseReturnValue:
    return show(
        "simulator/overview.html",
        form,
        error,
        on=queries.faults_on(current_staff),
        ended=queries.faults_ended(current_staff),
        kinds=KINDS,
        why=WHY,
        ending=EndForm(formdata=None),
    )
