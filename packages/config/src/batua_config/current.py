"""The running app's settings, for code that is not handed them.

Bound to the app context as ``db.session`` is, so that services stay free of Flask.
"""

from typing import cast

from flask import current_app
from werkzeug.local import LocalProxy

from .settings import Settings

EXTENSION = "batua_settings"

settings = cast(Settings, LocalProxy(lambda: current_app.extensions[EXTENSION]))
