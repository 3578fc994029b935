"""The page that lists whom one can pay."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from batua_user.billers import queries as billers
from batua_user.extensions import current_user

bp = Blueprint("paying", __name__, url_prefix="/pay")


@bp.get("")
def landing() -> ResponseReturnValue:
    """Categories of bills; the one that is chosen with its billers."""
    shelves = billers.shelves()
    wanted = request.args.get("category")
    return render_template(
        "paying/landing.html",
        shelves=shelves,
        chosen=next((shelf for shelf in shelves if shelf.category.id == wanted), None),
        bills=billers.latest(current_user),
        icons={each.code: shelf.category.icon for shelf in shelves for each in shelf.billers},
    )
