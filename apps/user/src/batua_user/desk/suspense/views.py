"""Pages of money in suspense."""

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from batua_db.errors import DomainError
from batua_ui.pages import show
from batua_user.desk import acts
from batua_user.desk.current import current_staff

from . import queries, service
from .forms import ActForm

bp = Blueprint("suspense", __name__, url_prefix="/suspense")


@bp.get("")
def queue() -> ResponseReturnValue:
    """What waits, and news that is nobody's."""
    found, orphans = queries.held(), queries.orphans()
    return render_template(
        "desk/suspense/queue.html", held=found, orphans=orphans, most=queries.MOST
    )


@bp.get("/<uuid:topup_id>")
def held(topup_id: UUID) -> ResponseReturnValue:
    """One that waits, and what can be done; the look is on record."""
    queries.find(topup_id)
    acts.look(current_staff, topup_id, "money in suspense")
    return _page(ActForm(formdata=None), topup_id)


@bp.post("/<uuid:topup_id>")
def act(topup_id: UUID) -> ResponseReturnValue:
    """Credit it, or send it back."""
    form = ActForm()
    if not form.validate_on_submit():
        return _page(form, topup_id)
    queries.find(topup_id)
    does = service.credit if form.act.data == "credit" else service.send_back
    try:
        does(current_staff, topup_id, reason=form.reason.data)
    except DomainError as error:
        return _page(form, topup_id, error)
    flash("Done. Its page says where the money is.")
    return redirect(url_for("desk.operations.operation", reference=topup_id), 303)


def _page(form: ActForm, topup_id: UUID, error: DomainError | None = None) -> Response:
    found = queries.find(topup_id)
    return show("desk/suspense/held.html", form, error, held=found, room=queries.room(found))
