"""The desk's pages together, and what its shell needs."""

from typing import Any

from flask import Blueprint, g, url_for

from batua_ui import nav
from batua_ui.desk.door import door
from batua_ui.desk.forms import LeaveForm
from batua_ui.nav import Link

from . import (
    books,
    corrections,
    kyc,
    landing,
    log,
    merchants,
    operations,
    people,
    reconciliation,
    seals,
    suspense,
)
from .tables import DESK

FEATURES = (
    *(landing, people, kyc, merchants, operations, corrections, log),
    *(reconciliation, suspense, books, seals),
)

# On phones the bar has room for five; the rest is led to from the first page.
LINKS = (
    Link("Desk", "desk.landing.overview", "house"),
    Link("People", "desk.people.find", "users"),
    Link("KYC", "desk.kyc.queue", "shield-check"),
    Link("Log", "desk.log.acts", "history"),
    Link("Businesses", "desk.merchants.queue", "hand-coins", more=True),
    Link("Corrections", "desk.corrections.overview", "undo-2", more=True),
    Link("Reconciliation", "desk.reconciliation.overview", "landmark", more=True),
    Link("Suspense", "desk.suspense.queue", "clock", more=True),
    Link("Books", "desk.books.totals", "scale", more=True),
    Link("Seals", "desk.seals.chain", "lock", more=True),
)

bp = Blueprint("desk", __name__, url_prefix="/desk")
bp.register_blueprint(door(DESK))
for feature in FEATURES:
    bp.register_blueprint(feature.bp)


@bp.context_processor
def shell() -> dict[str, Any]:
    """The desk's own navigation in place of a person's, and who is signed in to it."""
    there = g.get("staff")  # nobody, where a guard turned the request away earlier
    links = LINKS if there else ()
    return {
        "home": url_for("desk.landing.overview"),
        "nav": links,
        "nav_here": nav.here(links),
        "staff": there,
        "leaving": LeaveForm(formdata=None),
    }
