"""The simulator: a bank that misbehaves when told to. Development only."""

from flask import Flask

from batua_bank import seams

from . import calls, views
from .hooks import Misbehaving


def init_app(app: Flask) -> None:
    """Let ``app`` do what faults say, at its seams and around its calls, and show them."""
    app.extensions[seams.EXTENSION] = Misbehaving()
    calls.surround(app)
    app.register_blueprint(views.bp, url_prefix="/desk/simulator", name_prefix="desk")
