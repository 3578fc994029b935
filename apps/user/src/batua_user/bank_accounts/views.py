"""Pages for linking bank accounts."""

from uuid import UUID

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from batua_db.errors import DomainError, NotFound
from batua_ui.pages import show
from batua_user.authorise import PinNeeded
from batua_user.extensions import current_user
from batua_user.pages import PinForm
from batua_user.topups.queries import banks

from . import queries, service
from .forms import LinkForm

bp = Blueprint("bank_accounts", __name__, url_prefix="/bank-accounts")


@bp.route("", methods=["GET", "POST"])
def accounts() -> ResponseReturnValue:
    """My accounts, and a form for one more."""
    form = LinkForm(holder=current_user.name)
    form.bank.offer((bank.code, bank.name) for bank in banks())
    if not form.validate_on_submit():
        return _page(form)
    typed = form.values
    try:
        service.link(current_user, bank_code=typed.pop("bank"), **typed)
    except DomainError as error:
        return _page(form, error)
    flash("Your account is linked")
    return redirect(url_for(".accounts"), 303)


@bp.route("/<uuid:account_id>/remove", methods=["GET", "POST"])
def remove(account_id: UUID) -> ResponseReturnValue:
    """Unlink one, with the PIN."""
    account = queries.find(current_user, account_id)
    here = url_for(".remove", account_id=account_id)
    if current_user.pin_hash is None:
        return redirect(url_for("settings.pin", next=here), 303)
    form = PinForm(key=str(account_id))
    if not form.validate_on_submit():
        return show("bank_accounts/remove.html", form, account=account)
    try:
        service.remove(current_user, account_id, pin=form.pin.data)
    except PinNeeded as error:
        flash(str(error))
        return redirect(url_for("settings.pin", next=here), 303)
    except NotFound:
        raise
    except DomainError as error:
        return show("bank_accounts/remove.html", form, error, account=account)
    flash("The account is no longer linked")
    return redirect(url_for(".accounts"), 303)


def _page(form: LinkForm, error: DomainError | None = None) -> ResponseReturnValue:
    accounts = queries.linked(current_user)
    usable = {account.id for account in queries.usable(current_user)}
    return show("bank_accounts/list.html", form, error, accounts=accounts, usable=usable)
