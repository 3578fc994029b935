"""The first page: for strangers what Batua is, for people their money."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from batua_db import ledger
from batua_user.activity.queries import history
from batua_user.extensions import current_user
from batua_user.limits.queries import allowances
from batua_user.topups.queries import on_the_way
from batua_user.transfers.queries import recent
from batua_user.withdrawals import queries as withdrawals

bp = Blueprint("home", __name__)

LATEST = 6


@bp.get("/")
def home() -> ResponseReturnValue:
    """Home."""
    if not current_user.is_authenticated:
        return render_template("home/stranger.html")
    latest = history(current_user, most=LATEST)
    balance = ledger.balance(current_user.account_id)
    return render_template(
        "home/home.html",
        balance=balance,
        allowances=allowances(current_user, balance),
        lines=latest.lines,
        more=latest.older is not None,
        waiting=on_the_way(current_user),
        leaving=withdrawals.on_the_way(current_user),
        people=recent(current_user),
    )
