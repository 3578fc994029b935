"""Who of our staff may do what: nothing unless listed, and the list is here."""

from typing import get_args

from batua_db.models.desk import Role
from batua_ui.desk.guard import Guard, Roles

from .tables import DESK

ALL: Roles = frozenset(get_args(Role))
ACTING: Roles = ALL - {"auditor"}
SUPERVISING: Roles = frozenset({"supervisor"})

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
    "desk.reconciliation.day": ALL,
    "desk.reconciliation.download": ALL,
    "desk.reconciliation.read": ACTING,
    "desk.reconciliation.resume": ACTING,
    "desk.suspense.queue": ALL,
    "desk.suspense.held": ALL,
    "desk.suspense.act": ACTING,
    "desk.books.totals": ALL,
    "desk.seals.chain": ALL,
}

GUARD = Guard(DESK.find, MAY)
