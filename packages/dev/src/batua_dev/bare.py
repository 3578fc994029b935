"""A Flask app with a database and nothing else: for migrations, the audit and tests."""

from flask import Flask

from batua_config import current
from batua_config.settings import Settings
from batua_db import database


def bare_app(settings: Settings, url: str) -> Flask:
    """Bind an app without pages to the database at ``url``."""
    app = Flask("batua")
    app.extensions[current.EXTENSION] = settings
    database.configure(app, url, pooled=settings.DATABASE_POOLED)
    return app
