"""Standing consents and sign-in history at the bank; banks that the wallet remembers."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from batua_db.migrations.grants import APP

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TIMES = sa.DateTime(timezone=True)
ACCESSES = (
    "refused",
    "signed_in",
    "password_changed",
    "mpin_changed",
    "signed_out_one",
    "signed_out_others",
)


def upgrade() -> None:
    """Make the tables."""
    for column in ("password_set_at", "mpin_set_at"):
        op.add_column("customer", sa.Column(column, TIMES, nullable=True), schema="bank")
    op.add_column(
        "payment_session", sa.Column("consent_cap", sa.BigInteger(), nullable=True), schema="bank"
    )
    _make_consents()
    _make_accesses()
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON bank.consent, bank.access TO {APP}")
    _make_links()
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON wallet.bank_link TO {APP}")


def _make_consents() -> None:
    op.create_table(
        "consent",
        _id(),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("cap", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("expires_at", TIMES, nullable=False),
        sa.Column("revoked_at", TIMES, nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=False),
        _created_at(),
        sa.CheckConstraint("cap > 0", name=op.f("ck_consent_allows_something")),
        sa.CheckConstraint("status IN ('active', 'revoked')", name=op.f("ck_consent_status_known")),
        sa.CheckConstraint(
            "(status = 'revoked') = (revoked_at IS NOT NULL)",
            name=op.f("ck_consent_revoked_when"),
        ),
        _refers("consent", "client", "bank.client.id"),
        _refers("consent", "session_id", "bank.payment_session.id"),
        _refers("consent", "customer_id", "bank.customer.id"),
        _refers("consent", "account_id", "bank.account.id"),
        _refers("consent", "bank_code", "bank.bank.code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("session_id", name=op.f("uq_consent_session_id")),
        sa.UniqueConstraint("client", "reference", name=op.f("uq_consent_client_reference")),
        schema="bank",
    )
    _index("consent", "customer_id", "created_at")
    op.add_column("payment", sa.Column("consent_id", sa.Uuid(), nullable=True), schema="bank")
    op.create_foreign_key(
        op.f("fk_payment_consent_id_consent"),
        "payment",
        "consent",
        ["consent_id"],
        ["id"],
        source_schema="bank",
        referent_schema="bank",
    )
    op.create_index(
        "ix_payment_by_consent",
        "payment",
        ["consent_id", "captured_at"],
        schema="bank",
        postgresql_where=sa.text("consent_id IS NOT NULL"),
    )
    _index("payment", "account_id", "captured_at", "id")


def _make_accesses() -> None:
    op.create_table(
        "access",
        _id(),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        _created_at(),
        sa.CheckConstraint(f"what IN {ACCESSES}", name=op.f("ck_access_what_known")),
        _refers("access", "customer_id", "bank.customer.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access")),
        schema="bank",
    )
    _index("access", "customer_id", "created_at", "id")


def _make_links() -> None:
    op.create_table(
        "bank_link",
        _id(),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("topup_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("consent_id", sa.Text(), nullable=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("cap", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", TIMES, nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=False),
        sa.Column("check_at", TIMES, nullable=True),
        sa.Column("checks", sa.Integer(), nullable=False),
        _created_at(),
        sa.CheckConstraint(
            "state IN ('asked', 'active', 'ending', 'ended')",
            name=op.f("ck_bank_link_state_known"),
        ),
        sa.CheckConstraint(
            "state = 'asked' OR state = 'ended' OR consent_id IS NOT NULL",
            name=op.f("ck_bank_link_named"),
        ),
        _refers("bank_link", "user_id", "wallet.user.id"),
        _refers("bank_link", "bank_code", "wallet.bank.code"),
        _refers("bank_link", "topup_id", "wallet.topup.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_link")),
        sa.UniqueConstraint("topup_id", name=op.f("uq_bank_link_topup_id")),
        sa.UniqueConstraint("consent_id", name=op.f("uq_bank_link_consent_id")),
        schema="wallet",
    )
    _index("bank_link", "user_id", "created_at", schema="wallet")
    op.create_index(
        "ix_bank_link_due",
        "bank_link",
        ["check_at"],
        schema="wallet",
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.add_column(
        "topup",
        sa.Column("remember", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="wallet",
    )
    op.add_column("topup", sa.Column("link_id", sa.Uuid(), nullable=True), schema="wallet")
    op.create_foreign_key(
        op.f("fk_topup_link_id_bank_link"),
        "topup",
        "bank_link",
        ["link_id"],
        ["id"],
        source_schema="wallet",
        referent_schema="wallet",
    )


def downgrade() -> None:
    """Forget consents, links and who signed in; payments made by consent stay."""
    op.drop_constraint("fk_topup_link_id_bank_link", "topup", schema="wallet")
    for column in ("link_id", "remember"):
        op.drop_column("topup", column, schema="wallet")
    op.drop_table("bank_link", schema="wallet")
    op.drop_index(op.f("ix_payment_account_id_captured_at_id"), "payment", schema="bank")
    op.drop_index("ix_payment_by_consent", "payment", schema="bank")
    op.drop_column("payment", "consent_id", schema="bank")
    for table in ("access", "consent"):
        op.drop_table(table, schema="bank")
    op.drop_column("payment_session", "consent_cap", schema="bank")
    for column in ("password_set_at", "mpin_set_at"):
        op.drop_column("customer", column, schema="bank")


def _id() -> "sa.Column[Any]":
    return sa.Column("id", sa.Uuid(), nullable=False)


def _created_at() -> "sa.Column[Any]":
    return sa.Column(
        "created_at", TIMES, server_default=sa.text("clock_timestamp()"), nullable=False
    )


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    other = to.split(".")[1]
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}_{other}"))


def _index(table: str, *columns: str, schema: str = "bank") -> None:
    name = op.f(f"ix_{table}_{'_'.join(columns)}")
    op.create_index(name, table, list(columns), schema=schema)
