"""The main job where a pool is between the apps and the database, and a replica beside it."""

import re
import shutil
import time
from collections.abc import Generator
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
import requests
from psycopg import sql

from batua_config.settings import Settings, SettingsError
from batua_db import database, migrations
from batua_db.database import db
from batua_dev import cluster, streaming
from batua_dev.bare import bare_app
from batua_dev.files import write_private
from batua_dev.postgres import ADMIN
from batua_dev.streaming import Primary, Replica
from batua_dev.system import System, environment_of, free_port, learn_banks, seed
from batua_dev.testrun import sqlalchemy_url

from .test_main_job import ASHA, add, balance, everything_agrees, register, sign_in

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.long,
    pytest.mark.skipif(PGBOUNCER is None, reason="pgbouncer is not installed"),
]
ROOT = Path(__file__).parents[3]


class Scaled(NamedTuple):
    """The system, its servers, and how to reach the primary directly or through the pool."""

    system: System
    primary: Primary
    replica: Replica
    pooled: str


def pool(primary: Primary) -> int:
    """Start PgBouncer as it is deployed, but for its addresses; returns its port."""
    port, file = free_port(), primary.folder / "pgbouncer.ini"
    logins = primary.folder / "userlist.txt"
    write_private(logins, f'"{cluster.APP}" "{primary.passwords[cluster.APP]}"\n')
    text = (ROOT / "deploy" / "pgbouncer.ini").read_text()
    for pattern, ours in (
        ("host=postgres port=5432", f"host=127.0.0.1 port={primary.port}"),
        ("listen_addr = .*", "listen_addr = 127.0.0.1"),
        ("listen_port = .*", f"listen_port = {port}"),
        ("auth_file = .*", f"auth_file = {logins}\nunix_socket_dir ="),
    ):
        text, found = re.subn(pattern, ours, text)
        assert found
    file.write_text(text)
    primary.give(logins)
    assert PGBOUNCER
    primary.family.spawn("pgbouncer", [PGBOUNCER, file], user=primary.user, output=-3)
    return port


def give_limits(primary: Primary) -> None:
    """What deploy/roles.sh gives the apps' roles."""
    written = (ROOT / "deploy" / "roles.sh").read_text()
    limits = re.findall(r"ALTER ROLE batua_user SET (\w+) = '(\w+)';", written)
    assert dict(limits) == database.SESSION
    with psycopg.connect(primary.url(ADMIN, "postgres"), autocommit=True) as connection:
        for name, value in limits:
            change = sql.SQL("ALTER ROLE {} SET {} = {}")
            role, setting = sql.Identifier(cluster.APP), sql.Identifier(name)
            connection.execute(change.format(role, setting, sql.Literal(value)))


@pytest.fixture(scope="module")
def scaled(
    worker_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Scaled]:
    settings = worker_settings.model_copy(update={"DATABASE_POOLED": True})
    with streaming.primary() as primary:
        urls: dict[str, str] = {}
        replica = Replica(primary.family, primary)
        replica.start()
        replica.wait()
        give_limits(primary)
        port = pool(primary)
        for name in cluster.DATABASES:
            migrations.upgrade(sqlalchemy_url(primary.url(cluster.OWNER, name)))
            app = name.removeprefix("batua_").upper()
            direct = primary.url(cluster.APP, name)
            urls[f"{app}_DATABASE_URL"] = direct.replace(str(primary.port), str(port))
            urls[f"{app}_READ_DATABASE_URL"] = replica.url(cluster.APP, name)
        urls |= {"REDIS_URL": worker_settings.redis_url, "DATABASE_POOLED": "true"}
        environment = environment_of(worker_settings, urls)
        seed(environment, settings)
        system = System(primary.family, environment, tmp_path_factory.mktemp("scaled"))
        learn_banks(system, settings)
        system.revive()
        yield Scaled(system, primary, replica, urls["USER_DATABASE_URL"])


def reads(system: System, server: str) -> float:
    text = requests.get(system.url("user") + "/metrics", timeout=5).text
    found = re.search(rf'batua_lagging_reads_total{{.*server="{server}"}} ([0-9.]+)', text)
    return float(found[1]) if found else 0


def test_the_main_job_and_its_history(scaled: Scaled) -> None:
    system = scaled.system
    lakshmi = register(system, "+919845012345")
    add(lakshmi, system, "500")
    asha = sign_in(system, ASHA)
    add(asha, system, "1,000")
    asha.open(system.url("user") + "/send").submit(phone="+919876500002", amount="120", note="Dosa")
    asha.submit(pin="246810")
    assert "/activity/" in asha.where
    assert balance(asha, system) == 880_00
    assert "Dosa" in asha.open(system.url("user") + "/activity").text

    ravi = sign_in(system, "+919876500002")
    assert ravi.http.cookies.pop("batua_user_acted") == "1"
    assert "Dosa" in ravi.open(system.url("user") + "/activity").text
    assert ravi.open(system.url("user") + "/activity.csv").page.ok
    assert reads(system, "replica") == 2
    everything_agrees(system)


def test_a_statement_has_its_time_there_too(scaled: Scaled) -> None:
    for name, value in database.TIMEOUTS.items():
        with psycopg.connect(scaled.pooled, prepare_threshold=None) as connection:
            assert connection.execute(f"SHOW {name}".encode()).fetchone() == (value,)
    began = time.monotonic()
    with (
        psycopg.connect(scaled.pooled, prepare_threshold=None) as connection,
        pytest.raises(psycopg.errors.QueryCanceled),
    ):
        connection.execute("SELECT pg_sleep(20)")
    assert 4.5 < time.monotonic() - began < 8


def test_a_role_without_limits_is_refused(scaled: Scaled, worker_settings: Settings) -> None:
    url = scaled.primary.url(cluster.OWNER, "batua_user")
    app = bare_app(worker_settings.model_copy(update={"DATABASE_POOLED": True}), url)
    with app.app_context(), pytest.raises(SettingsError, match="statement_timeout"):
        db.engine.connect()


def test_pages_do_without_the_replica(scaled: Scaled) -> None:
    scaled.replica.stop()
    ravi = sign_in(scaled.system, "+919876500002")
    assert ravi.http.cookies.pop("batua_user_acted") == "1"
    before, began = reads(scaled.system, "replica"), time.monotonic()

    pages = [ravi.open(scaled.system.url("user") + "/activity").page for _ in range(5)]

    assert all(page.ok and "Dosa" in page.text for page in pages)
    assert time.monotonic() - began < 3
    assert reads(scaled.system, "replica") == before
