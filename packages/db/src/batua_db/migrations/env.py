"""How Alembic runs: on the database of the app that Flask-Migrate was called in."""

from collections.abc import Iterable
from typing import Any, Literal

from alembic import context
from alembic.operations import MigrationScript
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import text

from batua_db import models
from batua_db.migrations.names import include_name
from batua_db.money import MoneyColumn

TABLES = models.wallet.User.metadata
ONE_AT_A_TIME = 7_263_184  # an advisory lock: two instances may start at once


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write money as what it is in the database, so that a migration imports nothing of ours."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, MoneyColumn) else False


def number(
    migrations: MigrationContext, _revision: Any, directives: Iterable[MigrationScript]
) -> None:
    """Name a new migration by its number, 0004 after 0003, so that they read in order."""
    for script in directives:
        folder = ScriptDirectory.from_config(context.config)
        script.rev_id = f"{len(list(folder.walk_revisions())) + 1:04}"


def run() -> None:
    """Run the migrations asked for, all in one transaction."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=TABLES,
            include_schemas=True,
            include_name=include_name,
            process_revision_directives=number,
            compare_type=True,
            render_item=render_item,
        )
        with context.begin_transaction():
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": ONE_AT_A_TIME})
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            context.run_migrations()


run()
