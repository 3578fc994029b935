"""What both apps look like, and how they answer."""

from typing import Literal

from flask import Blueprint, Flask
from jinja2 import StrictUndefined

from batua_config.current import EXTENSION

from . import assets, errors, filters, gallery, guards, headers, health, nav

Brand = Literal["wallet", "bank"]

# The endpoints of ours that strangers may see.
PUBLIC = frozenset({"ui.static", "ui.healthz", "ui.readyz", "ui.metrics", "ui.gallery"})


def init_app(app: Flask, brand: Brand) -> None:
    """Give ``app`` our templates, filters, guards, headers, error pages and health checks."""
    app.extensions["ui_brand"] = brand
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(nav.context)
    for part in (assets, filters, errors, guards, headers):  # headers last: its hook runs first
        part.init_app(app)
    app.register_blueprint(_blueprint(development=not app.extensions[EXTENSION].production))


def _blueprint(*, development: bool) -> Blueprint:
    bp = Blueprint(
        "ui",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path=assets.PREFIX,
    )
    health.add_to(bp)
    if development:
        bp.add_url_rule("/dev/gallery", view_func=gallery.gallery)
    return bp
