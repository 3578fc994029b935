"""A file for each day of a platform's account: what it must be, and what was made of it.

The statements are read again from their beginning, now with the number of each line, which
is what a file's lines are held against.
"""

import sqlalchemy as sa
from alembic import op

from batua_db.migrations.grants import APP

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

READ_AGAIN = (
    "DELETE FROM wallet.bank_entry",
    "DELETE FROM wallet.difference",
    "UPDATE wallet.bank_statement SET cursor = NULL, balance = 0, booked = 0, complete = false",
)
WHATS = (
    "'over midnight', 'awaited', 'on its way', 'not booked', 'missing at the bank',"
    " 'amounts differ', 'read otherwise', 'never read', 'vanished'"
)


def upgrade() -> None:
    """Make the tables on both sides."""
    for statement in READ_AGAIN:
        op.execute(statement)
    op.add_column(
        "bank_entry", sa.Column("number", sa.BigInteger(), nullable=False), schema="wallet"
    )
    op.create_index(
        op.f("ix_bank_entry_bank_code_number"),
        "bank_entry",
        ["bank_code", "number"],
        schema="wallet",
    )
    _make_the_banks()
    _make_the_wallets()
    op.execute(f"GRANT SELECT, INSERT ON bank.settlement_file TO {APP}")
    for table in ("settlement_file", "settlement_part", "settlement_item"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON wallet.{table} TO {APP}")


def _make_the_banks() -> None:
    op.create_table(
        "settlement_file",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        *_sums(),
        sa.Column("checksum", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        _at("created_at"),
        sa.ForeignKeyConstraint(
            ["client_id", "bank_code"],
            ["bank.platform.client_id", "bank.platform.bank_code"],
            name=op.f("fk_settlement_file_client_id_bank_code_platform"),
        ),
        sa.PrimaryKeyConstraint("client_id", "bank_code", "day", name=op.f("pk_settlement_file")),
        schema="bank",
    )


def _make_the_wallets() -> None:
    op.create_table(
        "settlement_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("checksum", sa.LargeBinary(), nullable=False),
        *_sums(),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("booked", sa.BigInteger(), nullable=False),
        _at("checked_at"),
        _at("created_at"),
        sa.CheckConstraint(
            "status IN ('matched', 'differs', 'missing', 'refused')",
            name=op.f("ck_settlement_file_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["bank_code"], ["wallet.bank.code"], name=op.f("fk_settlement_file_bank_code_bank")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_file")),
        sa.UniqueConstraint("bank_code", "day", name=op.f("uq_settlement_file_bank_code_day")),
        schema="wallet",
    )
    op.create_table(
        "settlement_part",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _of_file("settlement_part"),
        sa.PrimaryKeyConstraint("file_id", "place", name=op.f("pk_settlement_part")),
        schema="wallet",
    )
    op.create_table(
        "settlement_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=True),
        sa.Column("moved", sa.BigInteger(), nullable=False),
        sa.Column("booked", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrong", sa.Boolean(), nullable=False),
        sa.CheckConstraint(f"what IN ({WHATS})", name=op.f("ck_settlement_item_what_known")),
        sa.CheckConstraint("way IN ('in', 'out')", name=op.f("ck_settlement_item_way_known")),
        _of_file("settlement_item"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_item")),
        schema="wallet",
    )
    op.create_index(
        op.f("ix_settlement_item_file_id"), "settlement_item", ["file_id"], schema="wallet"
    )


def downgrade() -> None:
    """Forget the files."""
    for table in ("settlement_item", "settlement_part", "settlement_file"):
        op.drop_table(table, schema="wallet")
    op.drop_table("settlement_file", schema="bank")
    op.drop_index(op.f("ix_bank_entry_bank_code_number"), table_name="bank_entry", schema="wallet")
    op.drop_column("bank_entry", "number", schema="wallet")


def _sums() -> "list[sa.Column[int]]":
    paise = ("sum_in", "sum_out", "opening", "closing")
    amounts = [sa.Column(name, sa.BigInteger(), nullable=False) for name in paise]
    return [sa.Column("count", sa.Integer(), nullable=False), *amounts]


def _at(name: str) -> "sa.Column[object]":
    return sa.Column(
        name,
        sa.DateTime(timezone=True),
        server_default=sa.text("clock_timestamp()"),
        nullable=False,
    )


def _of_file(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["file_id"],
        ["wallet.settlement_file.id"],
        name=op.f(f"fk_{table}_file_id_settlement_file"),
    )
