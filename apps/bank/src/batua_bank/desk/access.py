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
DEVELOPING: Roles = frozenset({"operator", "developer"})
OPERATING: Roles = frozenset({"operator"})
SUPERVISING: Roles = frozenset({"supervisor"})

CLIENTS = "desk.clients."

MAY: dict[str, Roles] = {
    "desk.auth.logout": ALL,
    "desk.landing.overview": ALL,
    "desk.customers.find": HOUSE,
    "desk.customers.new": ACTING,
    "desk.customers.customer": HOUSE,
    "desk.customers.account": ACTING,
    "desk.customers.sign_in": ACTING,
    "desk.accounts.account": HOUSE,
    "desk.accounts.cash": ACTING,
    "desk.accounts.status": ACTING,
    "desk.accounts.movement": HOUSE,
    "desk.payments.latest": HOUSE,
    "desk.payments.payment": HOUSE,
    "desk.payouts.latest": HOUSE,
    "desk.payouts.payout": HOUSE,
    "desk.reversals.overview": HOUSE,
    "desk.reversals.reversal": HOUSE,
    "desk.reversals.propose": ACTING,
    "desk.reversals.decide": SUPERVISING,
    "desk.books.trial": HOUSE,
    "desk.books.choose": HOUSE,
    "desk.books.day": HOUSE,
    "desk.books.sheet": HOUSE,
    "desk.banks.overview": HOUSE,
    "desk.banks.new": SUPERVISING,
    "desk.log.acts": HOUSE,
    "desk.clients.overview": HOUSE,
    "desk.clients.make": OPERATING,
    "desk.clients.close": OPERATING,
    "desk.clients.client": ALL,
    "desk.clients.origins": DEVELOPING,
    "desk.clients.make_key": DEVELOPING,
    "desk.clients.retire_key": DEVELOPING,
    "desk.clients.add_endpoint": DEVELOPING,
    "desk.clients.endpoint": ALL,
    "desk.clients.change_endpoint": DEVELOPING,
    "desk.clients.disable_endpoint": DEVELOPING,
    "desk.clients.enable_endpoint": DEVELOPING,
    "desk.clients.calls": ALL,
    "desk.clients.call": ALL,
    "desk.clients.events": ALL,
    "desk.clients.event": ALL,
    "desk.clients.replay_one": DEVELOPING,
    "desk.clients.replay_many": DEVELOPING,
    "desk.clients.check_webhook": DEVELOPING,
    "desk.clients.check_call": DEVELOPING,
    # In development only. Developers have to do with the faults of their own client.
    "desk.simulator.overview": ALL,
    "desk.simulator.end": ALL,
    "desk.simulator.end_all": ALL,
}


def keep_to_own_client(staff: Staff) -> None:
    """Answer 404 to a developer who asks for what is another client's."""
    if staff.role != "developer" or not (request.endpoint or "").startswith(CLIENTS):
        return
    if (request.view_args or {}).get("client_id") != staff.client_id:
        abort(404)


GUARD = Guard(DESK.find, MAY, scope=keep_to_own_client)
