"""Pages of the businesses that wait."""

from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from batua_db.errors import DomainError
from batua_ui.desk.forms import DecisionForm
from batua_ui.pages import show
from batua_user.desk.current import current_staff

from . import queries, service

bp = Blueprint("merchants", __name__, url_prefix="/merchants")


@bp.get("")
def queue() -> ResponseReturnValue:
    """Which businesses wait."""
    return render_template(
        "desk/merchants/queue.html", waiting=queries.waiting(), most=queries.A_PAGE
    )


@bp.get("/<uuid:merchant_id>")
def business(merchant_id: UUID) -> ResponseReturnValue:
    """A business."""
    return _page(DecisionForm(formdata=None), merchant_id)


@bp.post("/<uuid:merchant_id>")
def decide(merchant_id: UUID) -> ResponseReturnValue:
    """Approve or refuse it."""
    form = DecisionForm()
    if not form.validate_on_submit():
        return _page(form, merchant_id)
    try:
        service.decide(current_staff, merchant_id, approve=form.approves, reason=form.reason.data)
    except DomainError as error:
        return _page(form, merchant_id, error)
    return redirect(url_for(".business", merchant_id=merchant_id), 303)


def _page(form: DecisionForm, merchant_id: UUID, error: DomainError | None = None) -> Response:
    found = queries.find(merchant_id)
    return show(
        "desk/merchants/business.html",
        form,
        error,
        business=found,
        balance=queries.balance(found),
    )
