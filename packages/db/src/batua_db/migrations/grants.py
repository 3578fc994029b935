"""What the application's role may do with the tables of a schema."""

from collections.abc import Iterable

from alembic import op

APP = "batua_app"


def grant(schema: str, *, append_only: Iterable[str]) -> None:
    """Let the application read and write ``schema``, and only add to its append-only tables."""
    op.execute(f"GRANT USAGE ON SCHEMA {schema} TO {APP}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {APP}")
    for table in append_only:
        op.execute(f"REVOKE UPDATE, DELETE ON {schema}.{table} FROM {APP}")
