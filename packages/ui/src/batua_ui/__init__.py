"""What both apps look like, and how they answer."""

from typing import Literal

from flask import Blueprint, Flask
from jinja2 import StrictUndefined

from . import assets, filters, nav

Brand = Literal["wallet", "bank"]

bp = Blueprint("ui", __name__, template_folder="templates", static_folder="static", static_url_path="/ui")


def init_app(app: Flask, brand: Brand) -> None:
    """Give ``app`` our templates, filters, headers, error pages and health checks."""
    app.extensions["ui_brand"] = brand
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(nav.context)
    for part in (assets, filters):
        part.init_app(app)
    app.register_blueprint(bp)
