"""The door of the desk."""

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from batua_db.errors import DomainError
from batua_ui.addresses import own_path
from batua_ui.pages import show
from batua_user import cookie
from batua_user.auth.browser import device

from . import service
from .forms import LoginForm

bp = Blueprint("auth", __name__)


@bp.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Ask for username and password, and let them in."""
    form, here = LoginForm(next=request.args.get("next")), device()
    if request.method == "GET" and g.staff:
        return redirect(_wanted(form), 303)
    if form.validate_on_submit():
        try:
            opened = service.sign_in(
                username=form.username.data,
                password=form.password.data,
                agent=here.agent,
                address=here.address,
                instead_of=cookie.token(cookie.STAFF),
            )
        except DomainError as error:
            return show("desk/auth/login.html", form, error)
        cookie.put(cookie.STAFF, opened)
        return redirect(_wanted(form), 303)
    return show("desk/auth/login.html", form)


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """Really end the session."""
    service.sign_out(cookie.token(cookie.STAFF))
    cookie.drop(cookie.STAFF)
    return redirect(url_for(".login"), 303)


def _wanted(form: LoginForm) -> str:
    """Where they were going, if that is a page of the desk."""
    path = own_path(form.next.data)
    return path if path and path.startswith("/desk") else url_for("desk.landing.overview")
