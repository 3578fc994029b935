"""Pages of payment sessions."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_bank.desk import acts
from batua_bank.desk.current import current_staff

from . import queries

bp = Blueprint("payments", __name__, url_prefix="/payments")


@bp.get("")
def latest() -> ResponseReturnValue:
    """The latest."""
    before = request.args.get("after", type=UUID)
    rows, more = queries.latest(before)
    return render_template(
        "desk/payments/latest.html",
        rows_=rows,
        newest=url_for(".latest") if before else None,
        older=url_for(".latest", after=more) if more else None,
    )


@bp.get("/<uuid:session_id>")
def payment(session_id: UUID) -> ResponseReturnValue:
    """How one went, step by step; that somebody looked is on record."""
    shown = queries.find(session_id)
    acts.look(current_staff, session_id)
    return render_template("desk/payments/payment.html", shown=shown)
