"""The bank's events get places, so that they can be read in an order that no commit disturbs.

And the lists of the API get the indexes that they are read by.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

LISTS = (
    ("payment", ["client", "captured_at", "id"]),
    ("payout", ["client", "created_at", "id"]),
)


def upgrade() -> None:
    """Give what happened so far its places, by time."""
    op.add_column("event", sa.Column("place", sa.BigInteger(), nullable=True), schema="bank")
    op.execute(
        "UPDATE bank.event e SET place = ordered.place"
        " FROM (SELECT id, row_number() OVER (ORDER BY created_at, id) AS place"
        " FROM bank.event) ordered WHERE ordered.id = e.id"
    )
    op.create_index(
        "ix_event_place",
        "event",
        ["place"],
        unique=True,
        schema="bank",
        postgresql_where=sa.text("place IS NOT NULL"),
    )
    op.create_index(
        "ix_event_without_place",
        "event",
        ["created_at"],
        schema="bank",
        postgresql_where=sa.text("place IS NULL"),
    )
    op.create_index(op.f("ix_event_client_place"), "event", ["client", "place"], schema="bank")
    op.create_index(
        "ix_dispatch_dead",
        "dispatch",
        ["dead_at"],
        schema="bank",
        postgresql_where=sa.text("dead_at IS NOT NULL"),
    )
    for table, columns in LISTS:
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns, schema="bank")


def downgrade() -> None:
    """Forget the places."""
    for table, columns in LISTS:
        op.drop_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table_name=table, schema="bank")
    op.drop_index("ix_dispatch_dead", table_name="dispatch", schema="bank")
    for index in (op.f("ix_event_client_place"), "ix_event_without_place", "ix_event_place"):
        op.drop_index(index, table_name="event", schema="bank")
    op.drop_column("event", "place", schema="bank")
