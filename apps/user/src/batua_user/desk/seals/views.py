"""The page of seals."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from . import queries, service

bp = Blueprint("seals", __name__, url_prefix="/seals")


@bp.get("")
def chain() -> ResponseReturnValue:
    """The chain; with ``verify`` in the address its last blocks are verified first.

    That is a look, which an auditor may take as often as anybody.
    """
    verified = service.verify() if "verify" in request.args else None
    return render_template("desk/seals/chain.html", chain=queries.chain(), verified=verified)
