"""The page where a small wallet becomes a full one."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from batua_db.errors import DomainError
from batua_ui.pages import show
from batua_user.extensions import current_user
from batua_user.limits.queries import allowances, room_on_device
from batua_user.limits.service import rules

from . import queries, service
from .forms import KycForm

bp = Blueprint("kyc", __name__, url_prefix="/kyc")


@bp.route("", methods=["GET", "POST"])
def kyc() -> ResponseReturnValue:
    """My tier with its limits, and the form for the next one."""
    form = KycForm(name=current_user.name)
    if not form.validate_on_submit():
        return _page(form)
    try:
        service.ask(current_user, **form.values)
    except DomainError as error:
        return _page(form, error)
    return redirect(url_for(".kyc"), 303)


def _page(form: KycForm, error: DomainError | None = None) -> ResponseReturnValue:
    here = room_on_device(current_user)
    return show(
        "kyc/kyc.html",
        form,
        error,
        request=queries.latest(current_user),
        allowances=[*allowances(current_user), *([here] if here else [])],
        full=rules("full"),
    )
