"""The page of an operation."""

from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from batua_user import steps
from batua_user.desk import acts
from batua_user.desk.corrections.queries import CORRECTABLE
from batua_user.desk.current import current_staff

from . import queries

bp = Blueprint("operations", __name__, url_prefix="/operations")


@bp.get("/<uuid:reference>")
def operation(reference: UUID) -> ResponseReturnValue:
    """Where its money is, what the books say, what the bank says; the look is on record."""
    found = queries.find(reference)
    acts.look(current_staff, found.id)
    found = queries.find(reference)  # as it is after the record was committed
    moves = queries.booked(found)
    return render_template(
        "desk/operations/operation.html",
        operation=found,
        moves=moves,
        knots=[*found.knots, *queries.corrected(moves)],
        news=queries.news(found),
        steps=steps.of(found.id),
        corrections=queries.corrections(moves),
        correctable=CORRECTABLE,
    )
