"""The doors of net banking."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from batua_bank.extensions import current_customer
from batua_db.errors import DomainError
from batua_ui.addresses import own_path
from batua_ui.pages import show

from . import browser
from .forms import SignInForm

bp = Blueprint("auth", __name__)


@bp.get("/")
def home() -> ResponseReturnValue:
    """Lead to the accounts; who is not signed in never gets here."""
    return redirect(url_for("accounts.overview"), 303)


@bp.route("/login", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Ask for number and password."""
    if request.method == "GET" and current_customer.is_authenticated:
        return redirect(_next(), 303)
    form = SignInForm()
    if form.validate_on_submit():
        try:
            browser.sign_in(**form.values)
        except DomainError as error:
            return show("auth/sign_in.html", form, error)
        return redirect(_next(), 303)
    return show("auth/sign_in.html", form)


@bp.post("/logout")
def sign_out() -> ResponseReturnValue:
    """End the session."""
    browser.sign_out()
    return redirect(url_for(".sign_in"), 303)


def _next() -> str:
    return own_path(request.args.get("next")) or url_for("accounts.overview")
