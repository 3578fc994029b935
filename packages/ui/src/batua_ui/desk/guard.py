"""Who of the staff may do what: nothing unless listed, and each app has its own list.

An auditor only looks: whatever a line says, nothing they send is taken.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden

from batua_ui import cookie
from batua_ui.guards import SAFE

Roles = frozenset[str]

LOOKING: Roles = frozenset({"auditor"})
# What strangers may see, and what everybody may send.
OPEN = {"desk.auth.login"}
LEAVING = {"desk.auth.logout"}


class NotYours(Forbidden):
    """A member of staff wants what is for another role."""

    sentence = "Your role does not do this. Ask a colleague whose role does."


def is_desk(endpoint: str | None) -> bool:
    """Whether a page is a desk's: who may see it is for its guard to say."""
    return endpoint is not None and endpoint.startswith("desk.")


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets in whoever is signed in as staff and has a role for a page.

    ``find`` knows them by their token, ``may`` has the roles of each page, ``scope`` raises
    where a page is one of theirs but what it is about is not.
    """

    find: Callable[[str], Any]
    may: Mapping[str, Roles]
    scope: Callable[[Any], None] = lambda staff: None

    def init_app(self, app: Flask) -> None:
        """Guard every page of the desk."""
        app.before_request(self.require_staff)

    def require_staff(self) -> ResponseReturnValue | None:
        """Lead strangers to the door, and turn away whoever has no role for the page."""
        endpoint = request.endpoint
        if endpoint is None or not is_desk(endpoint):
            return None
        g.staff = self.find(cookie.token(cookie.STAFF))
        if endpoint in OPEN:
            return None
        if g.staff is None:
            wanted = request.full_path.removesuffix("?") if request.method == "GET" else None
            return redirect(url_for("desk.auth.login", next=wanted), 303)
        if g.staff.role not in self._allowed(endpoint):
            raise NotYours
        self.scope(g.staff)
        return None

    def _allowed(self, endpoint: str) -> Roles:
        allowed = self.may.get(endpoint, frozenset())
        looks_or_leaves = request.method in SAFE or endpoint in LEAVING
        return allowed if looks_or_leaves else allowed - LOOKING
