"""Who of our staff may do what: nothing unless listed, and the list is here.

An auditor only looks: whatever their line says, nothing they send is taken.
"""

from typing import get_args

from flask import Flask, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden

from batua_db.models.desk import Role
from batua_ui.guards import SAFE
from batua_user import cookie

from .auth import service

Roles = frozenset[Role]

ALL: Roles = frozenset(get_args(Role))
ACTING: Roles = ALL - {"auditor"}
SUPERVISING: Roles = frozenset({"supervisor"})

# What strangers may see, and what everybody may send.
OPEN = {"desk.auth.login"}
LEAVING = {"desk.auth.logout"}

MAY: dict[str, Roles] = {
    "desk.auth.logout": ALL,
    "desk.landing.overview": ALL,
    "desk.people.find": ALL,
    "desk.people.person": ALL,
    "desk.people.phone": ACTING,
    "desk.people.freeze": ACTING,
    "desk.people.unfreeze": ACTING,
    "desk.kyc.queue": ALL,
    "desk.kyc.request": ALL,
    "desk.kyc.identity": ACTING,
    "desk.kyc.decide": ACTING,
    "desk.merchants.queue": ALL,
    "desk.merchants.business": ALL,
    "desk.merchants.decide": ACTING,
    "desk.operations.operation": ALL,
    "desk.corrections.overview": ALL,
    "desk.corrections.correction": ALL,
    "desk.corrections.propose": ACTING,
    "desk.corrections.decide": SUPERVISING,
    "desk.log.acts": ALL,
    "desk.reconciliation.overview": ALL,
    "desk.reconciliation.read": ACTING,
    "desk.reconciliation.resume": ACTING,
    "desk.suspense.queue": ALL,
    "desk.suspense.held": ALL,
    "desk.suspense.act": ACTING,
    "desk.books.totals": ALL,
    "desk.seals.chain": ALL,
}


class NotYours(Forbidden):
    """A member of staff wants what is for another role."""

    sentence = "Your role does not do this. Ask a colleague whose role does."


def init_app(app: Flask) -> None:
    """Guard every page of the desk."""
    app.before_request(require_staff)


def is_desk(endpoint: str | None) -> bool:
    """Whether a page is the desk's: who may see it is for us to say."""
    return endpoint is not None and endpoint.startswith("desk.")


def require_staff() -> ResponseReturnValue | None:
    """Let in whoever is signed in as staff and has a role for it; to others we are strangers."""
    endpoint = request.endpoint
    if endpoint is None or not is_desk(endpoint):
        return None
    g.staff = service.find(cookie.token(cookie.STAFF))
    if endpoint in OPEN:
        return None
    if g.staff is None:
        wanted = request.full_path.removesuffix("?") if request.method == "GET" else None
        return redirect(url_for("desk.auth.login", next=wanted), 303)
    if g.staff.role not in _allowed(endpoint):
        raise NotYours
    return None


def _allowed(endpoint: str) -> Roles:
    allowed = MAY.get(endpoint, frozenset())
    looks_or_leaves = request.method in SAFE or endpoint in LEAVING
    return allowed if looks_or_leaves else allowed & ACTING
