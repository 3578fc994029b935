"""The ledger: its tables, the functions that are its only doors, its seals and its audit.

Plain SQL, in files beside this one, run as it is on psycopg's own cursor: SQLAlchemy would
take ``%`` and `` :word`` for parameters. Whoever runs it owns the objects; the application's
role gets SELECT and EXECUTE, and must exist before, since roles belong to the server.
"""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[1] / "sql"
PARTS = ("tables", "move", "seal", "audit", "grants")
NEEDS_ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'batua_app') THEN
        RAISE EXCEPTION 'the role batua_app does not exist'
            USING HINT = 'Create it once, as an administrator: CREATE ROLE batua_app LOGIN;';
    END IF;
END $$
"""


def upgrade() -> None:
    """Create the schema ``ledger``."""
    _run(NEEDS_ROLE)
    _run("CREATE SCHEMA ledger")
    _run("SET LOCAL search_path = ledger")
    for part in PARTS:
        _run((SQL / f"0001_{part}.sql").read_text(encoding="utf-8"))
    _run("SET LOCAL search_path TO DEFAULT")


def downgrade() -> None:
    """Drop the ledger, with everything in it."""
    _run("DROP SCHEMA ledger CASCADE")


def _run(script: str) -> None:
    op.get_bind().connection.cursor().execute(script)
