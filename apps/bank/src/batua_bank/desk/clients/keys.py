"""Pages of a platform's keys."""

from uuid import UUID

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from batua_bank.desk.current import current_staff
from batua_db.errors import DomainError
from batua_ui.pages import show

from . import queries, service
from .forms import NewKeyForm
from .views import bp, home


@bp.route("/<client_id>/keys/new", methods=["GET", "POST"])
def make_key(client_id: str) -> ResponseReturnValue:
    """Make a key; this answer alone shows it, and no cache keeps it."""
    form = NewKeyForm()
    if not form.validate_on_submit():
        return show("desk/clients/make_key.html", form)
    try:
        made = service.make_key(current_staff, client_id, **form.values)
    except DomainError as error:
        return show("desk/clients/make_key.html", form, error)
    first = len(queries.keys(client_id)) == 1
    overlap = form.overlap.data
    return render_template("desk/clients/new_key.html", made=made, first=first, overlap=overlap)


@bp.post("/<client_id>/keys/<uuid:secret_id>/retire")
def retire_key(client_id: str, secret_id: UUID) -> ResponseReturnValue:
    """Let a key end now."""
    service.retire_key(current_staff, client_id, secret_id)
    return redirect(home(), 303)
