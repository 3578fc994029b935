"""Pages of the KYC queue."""

from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from batua_db.errors import DomainError
from batua_ui.desk.forms import DecisionForm
from batua_ui.forms import Form
from batua_ui.pages import show
from batua_user.desk.current import current_staff

from . import queries, service
from .service import Identity

bp = Blueprint("kyc", __name__, url_prefix="/kyc")


@bp.get("")
def queue() -> ResponseReturnValue:
    """Who waits for a full wallet."""
    return render_template("desk/kyc/queue.html", waiting=queries.waiting(), most=queries.A_PAGE)


@bp.get("/<uuid:request_id>")
def request(request_id: UUID) -> ResponseReturnValue:
    """A request; what is sealed stays so until somebody asks for it."""
    return _page(DecisionForm(formdata=None), request_id)


@bp.post("/<uuid:request_id>/identity")
def identity(request_id: UUID) -> ResponseReturnValue:
    """The same, with what is sealed, on this page only."""
    shown = service.identity(current_staff, request_id)
    return _page(DecisionForm(formdata=None), request_id, identity=shown)


@bp.post("/<uuid:request_id>")
def decide(request_id: UUID) -> ResponseReturnValue:
    """Approve or refuse it."""
    form = DecisionForm()
    if not form.validate_on_submit():
        return _page(form, request_id)
    try:
        service.decide(current_staff, request_id, approve=form.approves, reason=form.reason.data)
    except DomainError as error:
        return _page(form, request_id, error)
    return redirect(url_for(".request", request_id=request_id), 303)


def _page(
    form: DecisionForm,
    request_id: UUID,
    error: DomainError | None = None,
    identity: Identity | None = None,
) -> Response:
    asked = queries.find(request_id)
    return show(
        "desk/kyc/request.html",
        form,
        error,
        asked=asked,
        earlier=queries.earlier(asked),
        identity=identity,
        opening=Form(formdata=None),
    )
