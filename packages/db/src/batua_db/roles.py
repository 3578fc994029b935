"""The role an app runs as: in production, one that can't write the ledger around its door."""

from contextlib import AbstractContextManager
from typing import Protocol

from psycopg import Connection
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from batua_config import logs
from batua_config.settings import SettingsError

from .database import db

log = logs.get(__name__)

# Of superusers every one of these is true. A member of a table's owner may become its owner.
CAN_WRITE = """
SELECT rolsuper OR EXISTS (
    SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'ledger' AND c.relkind IN ('r', 'p') AND (
        has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
        OR has_any_column_privilege(c.oid, 'INSERT, UPDATE')
        OR pg_has_role(c.relowner, 'MEMBER')))
FROM pg_roles WHERE rolname = current_user
"""


class App(Protocol):
    """An app that is bound to a database."""

    def app_context(self) -> AbstractContextManager[object]:
        """Make it the current one."""
        ...


def refuse_writers(app: App) -> None:
    """Stop ``app`` from starting on a role that can write the ledger directly.

    Every connection is looked at before it is used. So the app may start while the database
    is away, and answers "not ready" until it is back.
    """
    with app.app_context():
        event.listen(db.engine, "connect", _look)
        try:
            with db.engine.connect():
                pass
        except OperationalError:
            log.warning("the database is away; starting without it")
        finally:
            db.engine.dispose()  # whoever forks us must not inherit a connection


def _look(connection: Connection, _record: object) -> None:
    answer = connection.execute(CAN_WRITE).fetchone()
    connection.rollback()
    if answer != (False,):
        connection.close()
        raise SettingsError(
            "DATABASE_URL: this role can write the ledger directly; give one that was granted"
            " batua_app and owns nothing"
        )
