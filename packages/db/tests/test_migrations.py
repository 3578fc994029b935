"""One chain of migrations, and it makes what the models say."""

import re

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from batua_db import migrations
from batua_db.database import Base, db
from batua_db.migrations.names import include_name


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(migrations.HERE))
    return ScriptDirectory.from_config(config)


def test_there_is_one_head_and_the_numbers_follow_each_other() -> None:
    revisions = [script.revision for script in scripts().walk_revisions()]

    assert scripts().get_heads() == [migrations.head()]
    assert sorted(revisions) == [f"{n:04}" for n in range(1, len(revisions) + 1)]


def test_each_file_is_named_by_its_number() -> None:
    for script in scripts().walk_revisions():
        assert re.fullmatch(rf"{script.revision}_[a-z_]+\.py", script.path.rsplit("/", 1)[-1])


@pytest.mark.usefixtures("session")
def test_a_migrated_database_is_at_the_head() -> None:
    assert migrations.current() == migrations.head()


@pytest.mark.usefixtures("session")
def test_the_schema_equals_the_models() -> None:
    options = {"include_schemas": True, "include_name": include_name, "compare_type": True}
    context = MigrationContext.configure(db.session.connection(), opts=options)

    assert compare_metadata(context, Base.metadata) == []


@pytest.mark.usefixtures("session")
def test_the_application_may_only_add_to_append_only_tables() -> None:
    may = text("SELECT has_table_privilege(:table, :what)")
    for table in (
        "wallet.inbox",
        "wallet.step",
        "wallet.act",
        "bank.payment",
        "bank.delivery",
        "bank.refund",
        "bank.act",
        "bank.settlement_file",
    ):
        rights = [
            db.session.scalar(may, {"table": table, "what": w})
            for w in ("INSERT", "UPDATE", "DELETE")
        ]
        assert rights == [True, False, False], table
