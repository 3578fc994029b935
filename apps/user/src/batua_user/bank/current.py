"""The running app's client of the bank, as ``batua_config.current.settings`` is its settings."""

from typing import cast

from flask import current_app
from werkzeug.local import LocalProxy

from .client import BankClient

EXTENSION = "batua_bank_client"

bank = cast(BankClient, LocalProxy(lambda: current_app.extensions[EXTENSION]))
