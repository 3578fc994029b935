"""The fixtures that every other test stands on."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import Connection, text

from batua_config.settings import Settings
from batua_db.database import db, transaction
from batua_dev.bare import bare_app
from batua_dev.client import fresh_client
from batua_dev.testing import Committed, bind

MAKE = text(
    "INSERT INTO wallet.witness (book, number, digest)"
    " VALUES (gen_random_uuid()::text, 1, 'x'::bytea)"
)
COUNT = text("SELECT count(*) FROM wallet.witness")


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.usefixtures("session")
def test_what_a_test_commits_is_undone_after_it(turn: int) -> None:
    with transaction():
        db.session.execute(MAKE)

    assert db.session.scalar(COUNT) == 1


@pytest.mark.usefixtures("session")
def test_a_rollback_undoes_only_what_came_after_the_last_commit() -> None:
    with transaction():
        db.session.execute(MAKE)
    db.session.execute(MAKE)
    db.session.rollback()

    assert db.session.scalar(COUNT) == 1


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.commits
def test_threads_commit_for_real_in_a_database_of_their_own(
    committed: Committed, turn: int
) -> None:
    def work(_: int) -> None:
        with committed.app.app_context(), transaction():
            db.session.execute(MAKE)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(8)))

    assert db.session.scalar(COUNT) == 8


def test_the_settings_follow_the_database_of_the_test(
    committed: Committed, settings: Settings
) -> None:
    database = db.session.scalar(text("SELECT current_database()"))

    assert settings.database_url("user").endswith(f"/{database}")
    assert settings.migrate_url("bank").endswith(f"/{database}")


@pytest.mark.usefixtures("session")
def test_tests_run_with_the_rights_of_the_apps_and_no_others() -> None:
    query = text(
        "SELECT pg_has_role('batua_app', 'usage'), rolsuper, rolcreatedb, rolcreaterole"
        " FROM pg_roles WHERE rolname = current_user"
    )

    assert db.session.execute(query).one() == (True, False, False, False)


def test_an_owner_and_an_administrator_can_be_had(committed: Committed) -> None:
    with psycopg.connect(committed.owner_url) as connection:
        connection.execute("ALTER TABLE wallet.witness ADD COLUMN spare integer")
    with psycopg.connect(committed.admin_url) as connection:
        connection.execute("CREATE ROLE spare")
        connection.rollback()


@pytest.mark.usefixtures("session")
def test_a_request_sees_what_the_test_made_and_the_test_what_the_request_did(
    connection: Connection, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = bare_app(settings, settings.database_url("user"))

    @app.post("/")
    def page() -> str:
        with transaction():
            db.session.execute(MAKE)
        return str(db.session.scalar(COUNT))

    with app.app_context():
        bind(connection, monkeypatch)
    with transaction():
        db.session.execute(MAKE)

    assert fresh_client(app).post("/").text == "2"
    assert db.session.scalar(COUNT) == 2
