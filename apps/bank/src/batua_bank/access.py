"""Who gets in where: private unless listed, and the list is here."""

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue

import batua_ui
from batua_db import sessions
from batua_db.models.bank import Session
from batua_ui.desk.guard import is_desk

from .extensions import current_customer

# What strangers may see.
PUBLIC = batua_ui.PUBLIC | {
    "auth.sign_in",
    "pay.show",
    "pay.sign_in",
    "docs.docs",
    "api-docs.openapi_json",
}
# What a customer may do before they have chosen a password of their own.
BEGINNING = {"welcome.begin", "auth.sign_out"}
# The blueprint whose calls each carry a signed token; cookies count for nothing there.
SIGNED = "api"


def init_app(app: Flask) -> None:
    """Guard every page of ``app``."""
    app.before_request(require_sign_in)


def require_sign_in() -> ResponseReturnValue | None:
    """Turn away anyone not signed in, but from what is ``PUBLIC`` or ``SIGNED``.

    The desk has its own guard.
    """
    if request.endpoint is None or request.endpoint in batua_ui.PUBLIC:
        return None
    if request.blueprint == SIGNED or is_desk(request.endpoint):
        return None
    if current_customer.is_authenticated:
        if "HX-Request" not in request.headers:  # a page that refreshes a part of itself
            sessions.stay(Session, current_customer)
        return _begin_first()
    if request.endpoint in PUBLIC:
        return None
    if request.blueprint == "pay":  # where they sign in for this payment
        return redirect(url_for("pay.show", **(request.view_args or {})), 303)
    return redirect(url_for("auth.sign_in", next=_wanted()), 303)


def _begin_first() -> ResponseReturnValue | None:
    """Lead whoever has a password from the desk to choosing their own, from wherever they are."""
    if current_customer.starts_by is None or request.endpoint in PUBLIC | BEGINNING:
        return None
    return redirect(url_for("welcome.begin", next=_wanted()), 303)


def _wanted() -> str | None:
    return request.path if request.method == "GET" else None
