"""Who gets in where: private unless listed, and the list is here."""

from flask import Flask, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

import batua_ui
from batua_db import sessions
from batua_db.models.wallet import Session
from batua_ui.desk.guard import is_desk

from .extensions import current_user

# What strangers may see.
PUBLIC = batua_ui.PUBLIC | {
    "home.home",
    "auth.login",
    "auth.register",
    "auth.verify",
    "auth.resend",
    "webhooks.bank",
    "messages.mailbox",
}


def init_app(app: Flask) -> None:
    """Guard every page of ``app``."""
    app.before_request(require_sign_in)


def require_sign_in() -> ResponseReturnValue | None:
    """Turn away anyone not signed in, but from what is ``PUBLIC``; the desk has its own guard."""
    endpoint = request.endpoint
    if endpoint is None or endpoint in batua_ui.PUBLIC or is_desk(endpoint):
        return None
    by_itself = "HX-Request" in request.headers  # a page that refreshes a part of itself
    if current_user.is_authenticated:
        if not by_itself:
            sessions.stay(Session, current_user)
        return None
    if endpoint in PUBLIC:
        return None
    if by_itself:  # the whole page goes to sign in
        door = url_for("auth.login", next=_open_page())
        return Response(status=401, headers={"HX-Redirect": door})
    wanted = request.full_path.removesuffix("?") if request.method == "GET" else None
    return redirect(url_for("auth.login", next=wanted), 303)


def _open_page() -> str:
    """The page that a part was asked for; signing in checks that it is one of ours."""
    behind_scheme = request.headers.get("HX-Current-URL", "").partition("//")[2]
    return "/" + behind_scheme.partition("/")[2]
