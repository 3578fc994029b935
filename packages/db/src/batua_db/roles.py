"""The role an app runs as: in production, one that can't write the ledger around its door."""

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from batua_config.settings import SettingsError

from .database import db

# Of superusers every one of these is true. A member of a table's owner may become its owner.
CAN_WRITE = text("""
SELECT rolsuper OR EXISTS (
    SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'ledger' AND c.relkind IN ('r', 'p') AND (
        has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
        OR has_any_column_privilege(c.oid, 'INSERT, UPDATE')
        OR pg_has_role(c.relowner, 'MEMBER')))
FROM pg_roles WHERE rolname = current_user
""")


class App(Protocol):
    """An app that is bound to a database."""

    def app_context(self) -> AbstractContextManager[object]:
        """Make it the current one."""
        ...


def refuse_writers(app: App) -> None:
    """Stop ``app`` from starting on a role that can write the ledger directly."""
    with app.app_context():
        try:
            with db.engine.connect() as connection:
                writes = connection.scalar(CAN_WRITE)
        except OperationalError:
            raise SettingsError("DATABASE_URL: the database does not answer") from None
        finally:
            db.engine.dispose()  # whoever forks us must not inherit a connection
    if writes:
        raise SettingsError(
            "DATABASE_URL: this role can write the ledger directly; give one that was granted"
            " batua_app and owns nothing"
        )
