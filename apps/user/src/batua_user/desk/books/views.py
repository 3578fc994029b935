"""The page of books."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from . import queries

bp = Blueprint("books", __name__, url_prefix="/books")


@bp.get("")
def totals() -> ResponseReturnValue:
    """Totals of both books, and the limits with their sources."""
    return render_template("desk/books/totals.html", books=queries.books(), rules=queries.rules())
