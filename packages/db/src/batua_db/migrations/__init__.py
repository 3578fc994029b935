"""Migrations: one chain, numbered, that runs on the database of each app.

Alembic is loaded where it is needed: no server needs it, and it is slow to load.
"""

from pathlib import Path

from flask import Flask
from sqlalchemy import text

from batua_db.database import configure, db

HERE = Path(__file__).parent


def upgrade(url: str) -> None:
    """Bring the database at ``url`` (the owner's connection) up to the latest migration."""
    import flask_migrate

    with _app(url).app_context():
        flask_migrate.upgrade()
        db.engine.dispose()


def write(url: str, message: str) -> None:
    """Write a migration: what the models have, and the database at ``url`` has not."""
    import flask_migrate

    with _app(url).app_context():
        flask_migrate.migrate(message=message)
        db.engine.dispose()


def head() -> str:
    """The number of the latest migration there is: files begin with theirs."""
    files = HERE.glob("versions/[0-9]*.py")
    return max(file.name.partition("_")[0] for file in files)


def current() -> str:
    """The number of the migration that the app's database is at; empty if it has none."""
    if not db.session.scalar(text("SELECT to_regclass('public.alembic_version') IS NOT NULL")):
        return ""
    return db.session.scalar(text("SELECT version_num FROM public.alembic_version")) or ""


def _app(url: str) -> Flask:
    from flask_migrate import Migrate

    app = Flask("batua_db")
    configure(app, url)
    Migrate(app, db, directory=str(HERE))
    return app
