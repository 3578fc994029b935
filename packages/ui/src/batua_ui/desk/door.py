"""The door of a desk."""

from typing import Protocol

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from batua_db.errors import DomainError
from batua_ui import cookie
from batua_ui.addresses import own_path
from batua_ui.pages import show

from .forms import LoginForm


class Doorkeeper(Protocol):
    """Who lets staff in and out; see ``batua_db.staff``."""

    def sign_in(
        self, *, username: str, password: str, agent: str, address: str, instead_of: str
    ) -> str:
        """Check a password; returns the token of a new session. ``instead_of`` ends."""
        ...

    def sign_out(self, token: str) -> None:
        """End a session."""
        ...


def door(keeper: Doorkeeper) -> Blueprint:
    """The pages by which staff come and go; the app has the template, ``desk/login.html``."""
    bp = Blueprint("auth", __name__)

    @bp.route("/login", methods=["GET", "POST"])
    def login() -> ResponseReturnValue:
        """Ask for username and password, and let them in."""
        form = LoginForm(next=request.args.get("next"))
        if request.method == "GET" and g.staff:
            return redirect(_wanted(form), 303)
        if form.validate_on_submit():
            try:
                opened = keeper.sign_in(
                    username=form.username.data,
                    password=form.password.data,
                    agent=request.user_agent.string,
                    address=request.remote_addr or "unknown",
                    instead_of=cookie.token(cookie.STAFF),
                )
            except DomainError as error:
                return show("desk/login.html", form, error)
            cookie.put(cookie.STAFF, opened)
            return redirect(_wanted(form), 303)
        return show("desk/login.html", form)

    @bp.post("/logout")
    def logout() -> ResponseReturnValue:
        """Really end the session."""
        keeper.sign_out(cookie.token(cookie.STAFF))
        cookie.drop(cookie.STAFF)
        return redirect(url_for(".login"), 303)

    return bp


def _wanted(form: LoginForm) -> str:
    """Where they were going, if that is a page of the desk."""
    path = own_path(form.next.data)
    return path if path and path.startswith("/desk") else url_for("desk.landing.overview")
