"""The desk's pages together, and what its shell needs."""

from typing import Any

from flask import Blueprint, g, url_for

from batua_ui import nav
from batua_ui.nav import Link

from . import auth, landing

FEATURES = (auth, landing)

LINKS = (Link("Desk", "desk.landing.overview", "house"),)

bp = Blueprint("desk", __name__, url_prefix="/desk")
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
        "leaving": auth.LeaveForm(formdata=None),
    }
