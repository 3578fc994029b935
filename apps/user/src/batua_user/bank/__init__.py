"""The bank, as the wallet knows it: a client of its API, and its list of banks."""

from flask import Flask

from batua_config.settings import Settings

from .client import BankClient
from .current import EXTENSION


def init_app(app: Flask, settings: Settings) -> None:
    """Give ``app`` its client."""
    app.extensions[EXTENSION] = BankClient(settings)
