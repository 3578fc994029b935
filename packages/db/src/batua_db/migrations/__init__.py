"""Migrations: one chain, numbered, that runs on the database of each app."""

import flask_migrate
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import text

from batua_db.database import MIGRATIONS, configure, db


def upgrade(url: str) -> None:
    """Bring the database at ``url`` (the owner's connection) up to the latest migration."""
    app = Flask("batua_db")
    configure(app, url)
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()


def head() -> str:
    """The number of the latest migration there is."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def current() -> str:
    """The number of the migration that the app's database is at; empty if it has none."""
    if not db.session.scalar(text("SELECT to_regclass('public.alembic_version') IS NOT NULL")):
        return ""
    return db.session.scalar(text("SELECT version_num FROM public.alembic_version")) or ""
