"""Pages of payouts."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_bank.desk import acts
from batua_bank.desk.current import current_staff

from . import queries

bp = Blueprint("payouts", __name__, url_prefix="/payouts")


@bp.get("")
def latest() -> ResponseReturnValue:
    """The latest."""
    before = request.args.get("after", type=UUID)
    rows, more = queries.latest(before)
    return render_template(
        "desk/payouts/latest.html",
        rows_=rows,
        newest=url_for(".latest") if before else None,
        older=url_for(".latest", after=more) if more else None,
    )


@bp.get("/<uuid:payout_id>")
def payout(payout_id: UUID) -> ResponseReturnValue:
    """How one went; that somebody looked is on record."""
    shown = queries.find(payout_id)
    acts.look(current_staff, payout_id)
    return render_template("desk/payouts/payout.html", shown=shown)
