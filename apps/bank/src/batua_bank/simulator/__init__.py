"""The simulator: a bank that misbehaves when told to. Development only."""

from flask import Flask

from batua_bank import seams

from . import calls
from .hooks import Misbehaving


def init_app(app: Flask) -> None:
    """Let ``app`` do what faults say, at its seams and around its calls."""
    app.extensions[seams.EXTENSION] = Misbehaving()
    calls.surround(app)
