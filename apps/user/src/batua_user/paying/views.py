"""The page that lists whom one can pay."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from batua_config.current import settings
from batua_ui.text import clean
from batua_user.billers import queries as billers
from batua_user.extensions import current_user
from batua_user.merchants.categories import title_of
from batua_user.payments import queries as payments

bp = Blueprint("paying", __name__, url_prefix="/pay")

LONGEST = 64  # of a name


@bp.get("")
def landing() -> ResponseReturnValue:
    """Shops, and categories of bills; the one that is chosen with its billers."""
    shelves = billers.shelves()
    wanted, looked_for = request.args.get("category"), clean(request.args.get("q", ""))
    paid = payments.paid_before(current_user)
    return render_template(
        "paying/landing.html",
        shelves=shelves,
        chosen=next((shelf for shelf in shelves if shelf.category.id == wanted), None),
        bills=billers.latest(current_user),
        looked_for=looked_for,
        found=payments.search(current_user, looked_for[:LONGEST]) if looked_for else None,
        shops=paid or ([] if settings.production else payments.shops(current_user)),
        paid_before=bool(paid),
        title_of=title_of,
        icons={each.code: shelf.category.icon for shelf in shelves for each in shelf.billers},
    )
