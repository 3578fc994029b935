"""Platforms become rows: keys, an account at each bank, endpoints, and their calls.

An event is now dispatched to each endpoint of its client. The wallet is the first client;
what was waiting to be delivered to it still is.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from batua_db.migrations.grants import grant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

APPEND_ONLY = ("session_event", "payment", "delivery", "idempotency", "witness", "refund")
OF_CLIENTS = ("payment_session", "payment", "payout", "refund", "event")
PROGRESS = ("attempts", "attempt_at", "delivered_at", "dead_at")


def upgrade() -> None:
    """Make the tables, and the wallet the first of the clients."""
    op.drop_table("endpoint", schema="bank")  # was never written to
    _make_clients()
    _make_dispatches()
    op.execute(
        "INSERT INTO bank.client (id, name, legal_name, origins)"
        " VALUES ('wallet', 'Batua', 'Batua Payments Private Limited', '{}')"
    )
    op.execute("INSERT INTO bank.endpoint (client_id, events) VALUES ('wallet', '{}')")
    op.execute(
        "INSERT INTO bank.platform (client_id, bank_code, account_id)"
        " SELECT 'wallet', code, platform_account FROM bank.bank"
    )
    op.drop_column("bank", "platform_account", schema="bank")
    for table in OF_CLIENTS:
        op.create_foreign_key(
            op.f(f"fk_{table}_client_client"),
            table,
            "client",
            ["client"],
            ["id"],
            source_schema="bank",
            referent_schema="bank",
        )
    _dispatch_what_waits()
    grant("bank", append_only=APPEND_ONLY)
    op.execute("REVOKE UPDATE ON bank.call FROM batua_app")


def _make_clients() -> None:
    op.create_table(
        "client",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("origins", ARRAY(sa.Text()), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        _created_at(),
        sa.CheckConstraint("id ~ '^[a-z][a-z0-9-]{1,31}$'", name=op.f("ck_client_id_is_a_slug")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        schema="bank",
    )
    op.create_table(
        "client_secret",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("retires_at", sa.DateTime(timezone=True), nullable=True),
        _created_at(),
        _of_client("client_secret"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_secret")),
        schema="bank",
    )
    op.create_index(
        op.f("ix_client_secret_client_id_created_at"),
        "client_secret",
        ["client_id", "created_at"],
        schema="bank",
    )
    op.create_table(
        "platform",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        _of_client("platform"),
        sa.ForeignKeyConstraint(
            ["bank_code"], ["bank.bank.code"], name=op.f("fk_platform_bank_code_bank")
        ),
        sa.PrimaryKeyConstraint("client_id", "bank_code", name=op.f("pk_platform")),
        sa.UniqueConstraint("account_id", name=op.f("uq_platform_account_id")),
        schema="bank",
    )
    op.create_table(
        "endpoint",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("events", ARRAY(sa.Text()), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_why", sa.Text(), server_default="", nullable=False),
        _created_at(),
        _of_client("endpoint"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endpoint")),
        schema="bank",
    )
    op.create_index(op.f("ix_endpoint_client_id"), "endpoint", ["client_id"], schema="bank")
    op.create_table(
        "call",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sent", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Text(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        _created_at(),
        _of_client("call"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        schema="bank",
    )
    op.create_index(
        op.f("ix_call_client_id_created_at"), "call", ["client_id", "created_at"], schema="bank"
    )


def _make_dispatches() -> None:
    op.create_table(
        "dispatch",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("replayed_after", sa.Integer(), nullable=False),
        sa.Column(
            "attempt_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=True,
        ),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        _created_at(),
        sa.ForeignKeyConstraint(
            ["event_id"], ["bank.event.id"], name=op.f("fk_dispatch_event_id_event")
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["bank.endpoint.id"], name=op.f("fk_dispatch_endpoint_id_endpoint")
        ),
        sa.PrimaryKeyConstraint("event_id", "endpoint_id", name=op.f("pk_dispatch")),
        schema="bank",
    )
    op.create_index(
        "ix_dispatch_due",
        "dispatch",
        ["attempt_at"],
        schema="bank",
        postgresql_where=sa.text("attempt_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_dispatch_endpoint_id_created_at"),
        "dispatch",
        ["endpoint_id", "created_at"],
        schema="bank",
    )
    op.create_index(
        op.f("ix_event_client_created_at_id"),
        "event",
        ["client", "created_at", "id"],
        schema="bank",
    )


def _dispatch_what_waits() -> None:
    """Move how far each event is to its dispatch, and its attempts with it."""
    op.execute(
        "INSERT INTO bank.dispatch (event_id, endpoint_id, replayed_after, created_at,"
        " attempts, attempt_at, delivered_at, dead_at)"
        " SELECT e.id, p.id, 0, e.created_at,"
        " e.attempts, e.attempt_at, e.delivered_at, e.dead_at"
        " FROM bank.event e JOIN bank.endpoint p ON p.client_id = e.client"
    )
    op.drop_index("ix_event_due", table_name="event", schema="bank")
    for column in PROGRESS:
        op.drop_column("event", column, schema="bank")
    op.add_column("delivery", sa.Column("endpoint_id", sa.Uuid(), nullable=True), schema="bank")
    op.add_column(
        "delivery",
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        schema="bank",
    )
    op.alter_column("delivery", "answer", server_default=None, schema="bank")
    op.execute(
        "UPDATE bank.delivery d SET endpoint_id = p.endpoint_id"
        " FROM bank.dispatch p WHERE p.event_id = d.event_id"
    )
    op.drop_constraint("fk_delivery_event_id_event", "delivery", schema="bank")
    op.drop_constraint("pk_delivery", "delivery", schema="bank")
    op.create_primary_key(
        "pk_delivery", "delivery", ["event_id", "endpoint_id", "attempt"], schema="bank"
    )
    op.create_foreign_key(
        op.f("fk_delivery_event_id_endpoint_id_dispatch"),
        "delivery",
        "dispatch",
        ["event_id", "endpoint_id"],
        ["event_id", "endpoint_id"],
        source_schema="bank",
        referent_schema="bank",
    )


def downgrade() -> None:
    """Go back to one client, whose account is the bank's and whose address is a setting."""
    op.drop_constraint(
        "fk_delivery_event_id_endpoint_id_dispatch", "delivery", schema="bank", type_="foreignkey"
    )
    op.execute(
        "DELETE FROM bank.delivery d USING bank.endpoint p"
        " WHERE p.id = d.endpoint_id AND p.url IS NOT NULL"
    )
    op.drop_constraint("pk_delivery", "delivery", schema="bank")
    op.drop_column("delivery", "endpoint_id", schema="bank")
    op.drop_column("delivery", "answer", schema="bank")
    op.create_primary_key("pk_delivery", "delivery", ["event_id", "attempt"], schema="bank")
    op.create_foreign_key(
        op.f("fk_delivery_event_id_event"),
        "delivery",
        "event",
        ["event_id"],
        ["id"],
        source_schema="bank",
        referent_schema="bank",
    )
    op.add_column(
        "event",
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        schema="bank",
    )
    op.alter_column("event", "attempts", server_default=None, schema="bank")
    for column in PROGRESS[1:]:
        op.add_column("event", sa.Column(column, sa.DateTime(timezone=True)), schema="bank")
    op.alter_column(
        "event", "attempt_at", server_default=sa.text("clock_timestamp()"), schema="bank"
    )
    op.execute(
        "UPDATE bank.event e SET attempts = d.attempts, attempt_at = d.attempt_at,"
        " delivered_at = d.delivered_at, dead_at = d.dead_at"
        " FROM bank.dispatch d JOIN bank.endpoint p ON p.id = d.endpoint_id"
        " WHERE d.event_id = e.id AND p.url IS NULL"
    )
    op.create_index(
        "ix_event_due",
        "event",
        ["attempt_at"],
        schema="bank",
        postgresql_where=sa.text("attempt_at IS NOT NULL"),
    )
    op.drop_index(op.f("ix_event_client_created_at_id"), table_name="event", schema="bank")
    for table in OF_CLIENTS:
        op.drop_constraint(op.f(f"fk_{table}_client_client"), table, schema="bank")
    op.add_column("bank", sa.Column("platform_account", sa.Uuid()), schema="bank")
    op.execute(
        "UPDATE bank.bank b SET platform_account = p.account_id"
        " FROM bank.platform p WHERE p.bank_code = b.code AND p.client_id = 'wallet'"
    )
    op.alter_column("bank", "platform_account", nullable=False, schema="bank")
    op.create_unique_constraint(
        op.f("uq_bank_platform_account"), "bank", ["platform_account"], schema="bank"
    )
    for table in ("dispatch", "call", "endpoint", "platform", "client_secret", "client"):
        op.drop_table(table, schema="bank")
    op.create_table(
        "endpoint",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client", name=op.f("pk_endpoint")),
        schema="bank",
    )
    grant("bank", append_only=APPEND_ONLY)


def _created_at() -> "sa.Column[object]":
    return sa.Column(
        "created_at",
        sa.DateTime(timezone=True),
        server_default=sa.text("clock_timestamp()"),
        nullable=False,
    )


def _of_client(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["client_id"], ["bank.client.id"], name=op.f(f"fk_{table}_client_id_client")
    )
