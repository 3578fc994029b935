"""Pages of the bell."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_db.errors import NotFound
from batua_user.extensions import current_user

from . import queries, service
from .forms import ReadForm, SettingsForm

bp = Blueprint("notices", __name__)


@bp.get("/notifications")
def inbox() -> ResponseReturnValue:
    """What I was told, newest first."""
    after = _uuid(request.args.get("after"))
    notices, older = queries.latest(current_user, after=after)
    return render_template(
        "notices/inbox.html", notices=notices, older=older, first=after is None, form=ReadForm()
    )


@bp.post("/notifications")
def read() -> ResponseReturnValue:
    """Open one of them, or note that all are read."""
    form = ReadForm()
    if not form.validate_on_submit():
        return redirect(url_for(".inbox"), 303)
    if form.seen_until:
        service.read_all(current_user, until=form.seen_until)
        return redirect(url_for(".inbox"), 303)
    notice_id = _uuid(form.notice.data)
    path = service.read(current_user, notice_id) if notice_id else None
    if path is None:
        raise NotFound("There is no such notification, or it is not yours.")
    return redirect(path, 303)


@bp.route("/notifications/settings", methods=["GET", "POST"])
def settings() -> ResponseReturnValue:
    """Choose what I am told."""
    form = SettingsForm(**dict.fromkeys(queries.wanted(current_user), True))
    if not form.validate_on_submit():
        return render_template("notices/settings.html", form=form), form.status
    service.choose(current_user, form.wanted)
    flash("Your choice is kept")
    return redirect(url_for(".inbox"), 303)


@bp.get("/live")
def live() -> ResponseReturnValue:
    """The parts of an open page that change by themselves; 204 while they have not."""
    glance = queries.glance(current_user)
    if request.args.get("seen") == glance.version:
        return Response(status=204)
    return render_template("notices/live.html", glance=glance)


def bell() -> dict[str, Any]:
    """What every page of the wallet shows at its top."""
    return {"glance_now": lambda: queries.glance(current_user)}


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
