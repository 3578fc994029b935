"""The doors of net banking."""

import re

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_bank.extensions import current_customer
from batua_bank.pages import shown_again
from batua_db.errors import DomainError

from . import browser
from .forms import SignInForm

bp = Blueprint("auth", __name__)

# A page of ours: one leading slash, since browsers take two, or a backslash, for another host.
LOCAL = re.compile(r"/(?!/)[A-Za-z0-9/_-]*", re.ASCII)


@bp.get("/")
def home() -> ResponseReturnValue:
    """Lead to the accounts; who is not signed in never gets here."""
    return redirect(url_for("accounts.overview"), 303)


@bp.route("/login", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Ask for number and password."""
    if request.method == "GET" and current_customer.is_authenticated:
        return redirect(_next(), 303)
    form, refusal = SignInForm(), None
    if form.validate_on_submit():
        try:
            browser.sign_in(**form.values)
        except DomainError as error:
            form.refuse(refusal := error)
        else:
            return redirect(_next(), 303)
    page = render_template("auth/sign_in.html", form=form)
    return shown_again(page, form, refusal)


@bp.post("/logout")
def sign_out() -> ResponseReturnValue:
    """End the session."""
    browser.sign_out()
    return redirect(url_for(".sign_in"), 303)


def _next() -> str:
    wanted = request.args.get("next", "")
    return wanted if LOCAL.fullmatch(wanted) else url_for("accounts.overview")
