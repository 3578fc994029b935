"""The bank's desk: staff with their sessions, the record of their acts, and reversals.

A customer who was opened at the desk begins with a password that is good once, and until then.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from batua_db.migrations.grants import grant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

APPEND_ONLY = ("session_event", "payment", "delivery", "idempotency", "witness", "refund", "act")
TIMES = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.add_column("customer", sa.Column("starts_by", TIMES, nullable=True), schema="bank")
    _make_staff()
    _make_acts()
    _make_reversals()
    grant("bank", append_only=APPEND_ONLY)
    op.execute("REVOKE UPDATE ON bank.call FROM batua_app")


def _make_staff() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=True),
        _created_at(),
        sa.CheckConstraint(
            "role IN ('operator', 'supervisor', 'auditor', 'developer')",
            name=op.f("ck_staff_role_known"),
        ),
        sa.CheckConstraint(
            "(role = 'developer') = (client_id IS NOT NULL)",
            name=op.f("ck_staff_developer_has_client"),
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["bank.client.id"], name=op.f("fk_staff_client_id_client")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("username", name=op.f("uq_staff_username")),
        schema="bank",
    )
    op.create_table(
        "staff_session",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("expires_at", TIMES, nullable=False),
        _created_at(),
        _by_staff("staff_session", "owner_id"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_session")),
        schema="bank",
    )
    op.create_index(op.f("ix_staff_session_owner_id"), "staff_session", ["owner_id"], schema="bank")


def _make_acts() -> None:
    op.create_table(
        "act",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("details", JSONB(), nullable=False),
        _created_at(),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_act_has_reason")),
        _by_staff("act", "staff_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act")),
        schema="bank",
    )
    op.create_index(op.f("ix_act_created_at"), "act", ["created_at"], schema="bank")
    op.create_index(
        op.f("ix_act_subject_created_at"), "act", ["subject", "created_at"], schema="bank"
    )


def _make_reversals() -> None:
    op.create_table(
        "reversal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reverses", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", TIMES, nullable=True),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        _created_at(),
        sa.CheckConstraint("amount > 0", name=op.f("ck_reversal_corrects_something")),
        sa.CheckConstraint(
            "state IN ('proposed', 'made', 'refused')", name=op.f("ck_reversal_state_known")
        ),
        sa.CheckConstraint(
            "state <> 'made' OR decided_by <> proposed_by", name=op.f("ck_reversal_four_eyes")
        ),
        _by_staff("reversal", "proposed_by"),
        _by_staff("reversal", "decided_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reversal")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_reversal_transfer_id")),
        schema="bank",
    )
    op.create_index(
        "ix_reversal_open",
        "reversal",
        ["created_at"],
        schema="bank",
        postgresql_where=sa.text("state = 'proposed'"),
    )


def downgrade() -> None:
    """Take the desk away."""
    for table in ("reversal", "act", "staff_session", "staff"):
        op.drop_table(table, schema="bank")
    op.drop_column("customer", "starts_by", schema="bank")


def _created_at() -> "sa.Column[object]":
    return sa.Column(
        "created_at", TIMES, server_default=sa.text("clock_timestamp()"), nullable=False
    )


def _by_staff(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["bank.staff.id"], name=op.f(f"fk_{table}_{column}_staff")
    )
