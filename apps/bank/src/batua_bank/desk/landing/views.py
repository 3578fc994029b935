"""The desk's first page."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from . import queries

bp = Blueprint("landing", __name__)


@bp.get("")
def overview() -> ResponseReturnValue:
    """What waits, and for how long."""
    return render_template("desk/landing/overview.html", queues=queries.queues())
