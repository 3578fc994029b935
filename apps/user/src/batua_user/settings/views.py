"""Settings pages."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_db.errors import DomainError
from batua_ui.addresses import own_path
from batua_user import codes
from batua_user.auth.browser import device, remember
from batua_user.extensions import current_user
from batua_user.limits.queries import room_on_device
from batua_user.pages import show

from . import queries, service
from .forms import Button, PinForm, SpentPinForm

bp = Blueprint("settings", __name__, url_prefix="/settings")


@bp.get("")
def overview() -> ResponseReturnValue:
    """Who I am, what guards my money, and where I am signed in."""
    return render_template(
        "settings/overview.html",
        devices=queries.signed_in(current_user.id, current_user.session_token),
        spent=service.pin_is_spent(current_user),
        on_device=room_on_device(current_user),
        button=Button(),
    )


@bp.route("/pin", methods=["GET", "POST"])
def pin() -> ResponseReturnValue:
    """Choose the PIN that each payment asks for."""
    form = SpentPinForm() if service.pin_is_spent(current_user) else PinForm()
    if not form.validate_on_submit():
        return _pin_page(form)
    here = device()
    try:
        token = service.set_pin(current_user, **form.values, agent=here.agent, address=here.address)
    except DomainError as error:
        return _pin_page(form, error)
    remember(token)
    flash("Your PIN is set")
    return redirect(_then() or url_for(".overview"), 303)


@bp.post("/pin/code")
def pin_code() -> ResponseReturnValue:
    """Send the code that a new PIN needs after too many wrong ones."""
    try:
        service.send_code(current_user)
    except DomainError as error:
        spent = service.pin_is_spent(current_user)
        return _pin_page((SpentPinForm if spent else PinForm)(formdata=None), error)
    flash("A code is on its way")
    return redirect(url_for(".pin", next=_then()), 303)


@bp.post("/sign-out-others")
def sign_out_others() -> ResponseReturnValue:
    """End the sessions of all other browsers."""
    service.sign_out_others(current_user)
    flash("Every other browser is signed out")
    return redirect(url_for(".overview"), 303)


def _then() -> str | None:
    """Where the person was going when they were asked for a PIN."""
    return own_path(request.args.get("next"))


def _pin_page(form: PinForm, error: DomainError | None = None) -> ResponseReturnValue:
    spent = service.pin_is_spent(current_user)
    return show(
        "settings/pin.html",
        form,
        error,
        spent=spent,
        sent=spent and codes.is_on_its_way("pin", current_user.id),
        button=Button(formdata=None),
        then=_then(),
    )
