"""The first page: for strangers what Batua is, for people their money."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from batua_db import ledger
from batua_user.activity.queries import history
from batua_user.extensions import current_user
from batua_user.topups.queries import on_the_way
from batua_user.transfers.queries import recent

bp = Blueprint("home", __name__)

LATEST = 6


@bp.get("/")
def home() -> ResponseReturnValue:
    """Home."""
    if not current_user.is_authenticated:
        return render_template("home/stranger.html")
    latest = history(current_user, most=LATEST)
    return render_template(
        "home/home.html",
        balance=ledger.balance(current_user.account_id),
        lines=latest.lines,
        more=latest.older is not None,
        waiting=on_the_way(current_user),
        people=recent(current_user),
    )
