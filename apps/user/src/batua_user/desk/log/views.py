"""The page of the record."""

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue

from . import queries
from .forms import LogForm

bp = Blueprint("log", __name__, url_prefix="/log")


@bp.get("")
def acts() -> ResponseReturnValue:
    """What was done, newest first."""
    form = LogForm(queries.staff())
    page = queries.page(**form.wanted, after=form.after.data)
    older = url_for(".acts", **form.asked, after=page.older) if page.older else None
    newest = url_for(".acts", **form.asked) if form.after.data else None
    html = render_template(
        "desk/log/acts.html",
        form=form,
        page=page,
        title=queries.title,
        names=queries.names(page.acts),
        older=older,
        newest=newest,
    )
    return Response(html, form.status)
