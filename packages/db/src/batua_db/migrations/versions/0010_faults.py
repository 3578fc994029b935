"""Faults that the bank's simulator makes on purpose; only development reads them."""

import sqlalchemy as sa
from alembic import op

from batua_db.migrations.grants import APP

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WHATS = (
    "decline",
    "insufficient_funds",
    "slow",
    "webhook_lost",
    "webhook_delayed",
    "webhook_duplicated",
    "webhook_reordered",
    "webhook_corrupted",
    "api_500_before",
    "api_500_after",
    "api_timeout_before",
    "api_timeout_after",
    "payout_fails",
)
CHECKS = {
    "what_known": f"what IN {WHATS}",
    "is_about_something": "num_nonnulls(client, bank_code, reference) > 0",
    "seconds_bearable": "seconds BETWEEN 0 AND 120",
    "times_bearable": "times BETWEEN 1 AND 20",
    "failure_of_payout": "(what = 'payout_fails') = (failure IS NOT NULL)",
    "uses_counted": "uses_left >= 0",
}


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "fault",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=True),
        sa.Column("bank_code", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("uses_left", sa.Integer(), nullable=True),
        sa.Column("fired", sa.Integer(), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_fault_{name}")) for name, rule in CHECKS.items()),
        sa.ForeignKeyConstraint(
            ["bank_code"], ["bank.bank.code"], name=op.f("fk_fault_bank_code_bank")
        ),
        sa.ForeignKeyConstraint(
            ["client"], ["bank.client.id"], name=op.f("fk_fault_client_client")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fault")),
        schema="bank",
    )
    op.create_index(
        "ix_fault_on",
        "fault",
        ["created_at"],
        schema="bank",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON bank.fault TO {APP}")


def downgrade() -> None:
    """Forget them."""
    op.drop_table("fault", schema="bank")
