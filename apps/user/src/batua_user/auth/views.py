"""Pages for getting in and out."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from batua_db.errors import Conflict, DomainError, Gone
from batua_ui.addresses import own_path
from batua_user import codes
from batua_user.devices import cookie
from batua_user.extensions import current_user
from batua_user.pages import show

from . import service
from .browser import (
    device,
    forget,
    registration_id,
    remember,
    remember_registration,
    token,
)
from .forms import LoginForm, RegisterForm, ResendForm, VerifyForm

bp = Blueprint("auth", __name__)


@bp.route("/register", methods=["GET", "POST"])
def register() -> ResponseReturnValue:
    """Ask who opens a wallet, and send a code."""
    if _is_inside():
        return redirect(url_for("home.home"), 303)
    form = RegisterForm()
    if form.validate_on_submit():
        try:
            registration = service.register(**form.values, address=device().address)
        except DomainError as error:
            return show("auth/register.html", form, error)
        remember_registration(registration)
        return redirect(url_for(".verify"), 303)
    return show("auth/register.html", form)


@bp.route("/register/verify", methods=["GET", "POST"])
def verify() -> ResponseReturnValue:
    """Ask for the code, and open the wallet."""
    form, here = VerifyForm(), device()
    try:
        registration = service.find_registration(registration_id())
        if not form.validate_on_submit():
            return _verify_page(form, registration.phone)
        opened = service.open_wallet(
            registration.id,
            **form.values,
            agent=here.agent,
            address=here.address,
            device=here.token,
        )
    except Gone:
        return redirect(url_for(".register"), 303)
    except Conflict as error:
        flash(str(error))
        return redirect(url_for(".login"), 303)
    except DomainError as error:
        return _verify_page(form, service.find_registration(registration_id()).phone, error)
    remember(opened)
    return cookie.keep(redirect(url_for("home.home"), 303), here.token)


@bp.post("/register/code")
def resend() -> ResponseReturnValue:
    """Send another code."""
    try:
        service.resend(registration_id())
    except Gone:
        return redirect(url_for(".register"), 303)
    except DomainError as error:
        phone = service.find_registration(registration_id()).phone
        return _verify_page(VerifyForm(formdata=None), phone, error)
    flash("A new code is on its way.")
    return redirect(url_for(".verify"), 303)


@bp.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Ask for number and password, and let them in."""
    form, here = LoginForm(next=request.args.get("next")), device()
    if _is_inside():
        return redirect(own_path(form.next.data) or url_for("home.home"), 303)
    if form.validate_on_submit():
        try:
            opened = service.sign_in(
                phone=form.phone.data,
                password=form.password.data,
                agent=here.agent,
                address=here.address,
                device=here.token,
                instead_of=token(),
            )
        except DomainError as error:
            return show("auth/login.html", form, error)
        remember(opened)
        inside = redirect(own_path(form.next.data) or url_for("home.home"), 303)
        return cookie.keep(inside, here.token)
    return show("auth/login.html", form)


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """Really end the session."""
    service.sign_out(token())
    forget()
    return redirect(url_for(".login"), 303)


def _is_inside() -> bool:
    return request.method == "GET" and current_user.is_authenticated


def _verify_page(
    form: VerifyForm, phone: str, error: DomainError | None = None
) -> ResponseReturnValue:
    registration = registration_id()
    sent = registration is not None and codes.is_on_its_way("register", registration)
    return show(
        "auth/verify.html", form, error, phone=phone, sent=sent, again=ResendForm(formdata=None)
    )
