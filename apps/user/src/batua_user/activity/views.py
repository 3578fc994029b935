"""Pages of my history."""

import re
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_user.extensions import current_user

from . import queries
from .days import by_day

bp = Blueprint("activity", __name__, url_prefix="/activity")

VERSION = re.compile(r"[0-9]{1,18}", re.ASCII)  # a BIGINT, and no more than that


@bp.get("")
def history() -> ResponseReturnValue:
    """What came and went, newest first."""
    after = _cursor()
    page = queries.history(current_user, after=after)
    return render_template(
        "activity/history.html",
        days=by_day(page, first=after is None),
        newer=url_for(".history") if after is not None else None,
        older=url_for(".history", after=page.older) if page.older else None,
    )


@bp.get("/<uuid:transfer_id>")
def receipt(transfer_id: UUID) -> ResponseReturnValue:
    """One line of it, in full."""
    return render_template("activity/receipt.html", line=queries.find(current_user, transfer_id))


def _cursor() -> int | None:
    """Where the page before ended; what isn't a number begins at the top."""
    text = request.args.get("after", "")
    return int(text) if VERSION.fullmatch(text) else None
