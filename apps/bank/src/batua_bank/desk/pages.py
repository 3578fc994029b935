"""The desk's pages together, and what its shell needs."""

from typing import Any

from flask import Blueprint, current_app, g, url_for

from batua_ui import nav
from batua_ui.desk.door import door
from batua_ui.desk.forms import LeaveForm
from batua_ui.nav import Link

from . import (
    access,
    accounts,
    banks,
    books,
    clients,
    customers,
    landing,
    log,
    payments,
    payouts,
    reversals,
)
from .tables import DESK

FEATURES = (landing, customers, accounts, payments, payouts, reversals, books, banks, clients, log)

# On phones the bar has room for five; the rest is led to from the first page.
LINKS = (
    Link("Desk", "desk.landing.overview", "house"),
    Link("Customers", "desk.customers.find", "users"),
    Link("Payments", "desk.payments.latest", "receipt-indian-rupee"),
    Link("Books", "desk.books.trial", "scale"),
    Link("Log", "desk.log.acts", "history"),
    Link("Payouts", "desk.payouts.latest", "arrow-up-right", more=True),
    Link("Reversals", "desk.reversals.overview", "undo-2", more=True),
    Link("Banks", "desk.banks.overview", "landmark", more=True),
    Link("Clients", "desk.clients.overview", "store", more=True),
    Link("Simulator", "desk.simulator.overview", "zap", more=True),
)
OF_DEVELOPERS = (
    Link("Desk", "desk.landing.overview", "house"),
    Link("Client", "desk.clients.client", "store"),
    Link("Calls", "desk.clients.calls", "history"),
    Link("Events", "desk.clients.events", "send"),
    Link("Tester", "desk.clients.check_webhook", "scan-line"),
    Link("Simulator", "desk.simulator.overview", "zap", more=True),
)

bp = Blueprint("desk", __name__, url_prefix="/desk")
bp.register_blueprint(door(DESK))
for feature in FEATURES:
    bp.register_blueprint(feature.bp)


@bp.context_processor
def shell() -> dict[str, Any]:
    """The desk's own navigation in place of a customer's, and who is signed in to it."""
    there = g.get("staff")  # nobody, where a guard turned the request away earlier
    pages = current_app.view_functions  # some are there in development only
    every = OF_DEVELOPERS if there and there.role == "developer" else LINKS
    links = [
        each
        for each in every
        if each.endpoint in pages and there and there.role in access.MAY.get(each.endpoint, ())
    ]
    return {
        "home": url_for("desk.landing.overview"),
        "nav": links,
        "nav_here": nav.here(links),
        "staff": there,
        "leaving": LeaveForm(formdata=None),
    }
