"""Who of our staff may do what: nothing unless listed, and the list is here.

A developer works for a client. Of the pages below ``CLIENTS`` they see those whose address names
their client, and any other is not there.
"""

from typing import get_args

from flask import abort, request

from batua_db.models.bank_desk import Role, Staff
from batua_ui.desk.guard import Guard, Roles

from .tables import DESK

ALL: Roles = frozenset(get_args(Role))
HOUSE: Roles = ALL - {"developer"}
ACTING: Roles = HOUSE - {"auditor"}
SUPERVISING: Roles = frozenset({"supervisor"})

CLIENTS = "desk.clients."

MAY: dict[str, Roles] = {
    "desk.auth.logout": ALL,
    "desk.landing.overview": ALL,
    "desk.log.acts": HOUSE,
}


def keep_to_own_client(staff: Staff) -> None:
    """Answer 404 to a developer who asks for what is another client's."""
    if staff.role != "developer" or not (request.endpoint or "").startswith(CLIENTS):
        return
    if (request.view_args or {}).get("client_id") != staff.client_id:
        abort(404)


GUARD = Guard(DESK.find, MAY, scope=keep_to_own_client)
