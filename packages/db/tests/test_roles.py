"""Production starts only on a role that can't go around the ledger's door."""

import psycopg
import pytest

from batua_config.settings import Settings, SettingsError
from batua_db import roles
from batua_db.database import db
from batua_dev.bare import bare_app
from batua_dev.testing import Committed
from batua_dev.testrun import sqlalchemy_url


def starts(settings: Settings, url: str) -> None:
    roles.refuse_writers(bare_app(settings, sqlalchemy_url(url)))


def test_the_application_role_may_start(settings: Settings, committed: Committed) -> None:
    starts(settings, committed.url)


@pytest.mark.parametrize("who", ["owner_url", "admin_url"])
def test_owner_and_superuser_may_not(settings: Settings, committed: Committed, who: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        starts(settings, getattr(committed, who))


@pytest.mark.parametrize(
    "grant",
    [
        "GRANT INSERT ON ledger.entry TO batua_app",
        "GRANT DELETE ON ledger.pending TO batua_app",
        "GRANT UPDATE (balance) ON ledger.account TO batua_app",
    ],
)
def test_one_grant_too_many_is_found(settings: Settings, committed: Committed, grant: str) -> None:
    with psycopg.connect(committed.owner_url, autocommit=True) as connection:
        connection.execute(grant.encode())

    with pytest.raises(SettingsError, match="can write the ledger"):
        starts(settings, committed.url)


def test_it_starts_while_the_database_is_away(settings: Settings) -> None:
    starts(settings, "postgresql://batua_app:secret@127.0.0.1:1/batua")


def test_every_connection_is_looked_at(settings: Settings, committed: Committed) -> None:
    app = bare_app(settings, sqlalchemy_url(committed.owner_url))
    for connect in (roles.refuse_writers, lambda _: db.engine.connect()):
        with app.app_context(), pytest.raises(SettingsError, match="can write the ledger"):
            connect(app)
