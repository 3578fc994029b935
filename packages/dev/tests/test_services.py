"""Embedded PostgreSQL and Valkey, as `just dev` runs them."""

import os
import pwd
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from batua_dev import cluster, unprivileged
from batua_dev.failure import Failure
from batua_dev.folder import Folder, Lock
from batua_dev.postgres import ADMIN, Postgres
from batua_dev.processes import Family
from batua_dev.testrun import fast_place
from batua_dev.valkey import Valkey


@pytest.fixture
def place() -> Generator[Path]:
    """A folder with a name that is hard on scripts, which the services' user can reach."""
    with tempfile.TemporaryDirectory(prefix='it\'s a "बटुआ" é ', dir=fast_place()) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def postgres(folder: Path) -> Generator[Postgres]:
    family = Family()
    server = Postgres(family, folder)
    try:
        server.start()
        server.wait()
        yield server
    finally:
        family.close()


def test_rows_survive_a_killed_server_and_a_stale_lock(place: Path) -> None:
    with postgres(place) as first, psycopg.connect(first.url(ADMIN, "postgres")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        connection.commit()
        assert first.member is not None
        first.member.process.kill()
        first.member.process.wait()
    # The number in the lock is by now a stranger's, who is alive.
    lock = place / "postgres/postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{lock.read_text().partition(chr(10))[2]}")

    with postgres(place) as second, psycopg.connect(second.url(ADMIN, "postgres")) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_server_that_outlived_its_run_is_ended_first(place: Path) -> None:
    with postgres(place) as first:
        assert first.member is not None
        family = Family()
        second = Postgres(family, place)

        second.start()
        second.wait()

        assert soon_ended(first.member.process)
        family.close()


def test_the_server_is_durable_and_its_log_discreet(place: Path) -> None:
    wanted = {
        "fsync": "on",
        "synchronous_commit": "on",
        "log_error_verbosity": "terse",
        "log_statement": "none",
        "listen_addresses": "127.0.0.1",
    }
    with postgres(place) as server, psycopg.connect(server.url(ADMIN, "postgres")) as connection:
        for name, value in wanted.items():
            shown = connection.execute("SELECT current_setting(%s)", [name])
            assert shown.fetchone() == (value,)
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("SELECT 'what a person typed', 1 / 0")

    assert "what a person typed" not in (place / "postgres.log").read_text()


def test_roles_and_databases_are_made_once_and_passwords_are_private(place: Path) -> None:
    with postgres(place) as server:
        for _ in range(2):
            server.prepare(cluster.DATABASES)
        with psycopg.connect(server.url(cluster.OWNER, "batua_user")) as connection:
            connection.execute("CREATE TABLE public.mine ()")
        with (
            psycopg.connect(server.url(cluster.APP, "batua_user")) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("CREATE TABLE public.theirs ()")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(server.url(cluster.APP, "batua_user"), password="a guess")

    assert stat.S_IMODE((place / "postgres.json").stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs somebody else to run servers")
def test_root_runs_the_servers_as_somebody_without_rights(place: Path) -> None:
    with postgres(place) as server:
        assert server.member is not None
        owner = Path(f"/proc/{server.member.process.pid}").stat().st_uid

    assert pwd.getpwuid(owner).pw_name == "nobody"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's folders are closed to `nobody`")
def test_a_folder_closed_to_that_user_is_stood_in_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory(dir=fast_place()) as shared:
        Path(shared).chmod(0o755)
        monkeypatch.setattr(unprivileged, "SHARED", Path(shared) / "batua")
        monkeypatch.setattr("batua_dev.folder.SHARED", Path(shared) / "batua")
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)

        folder = Folder.open(closed / "data")

        assert folder.home.parent == Path(shared) / "batua"
        with postgres(folder.home) as server:
            psycopg.connect(server.url(ADMIN, "postgres")).close()
        assert folder.wipe() == [folder.home]
        assert not folder.home.exists()


def test_valkey_wants_its_password_forgets_nothing_early_and_keeps_its_data(place: Path) -> None:
    for turn in range(2):
        family = Family()
        valkey = Valkey(family, place)
        valkey.start()
        valkey.wait()
        with redis.Redis.from_url(valkey.url) as client:
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
            assert client.get("kept") == (b"yes" if turn else None)
            client.set("kept", "yes")
        with (
            redis.Redis(port=valkey.port, retry=Retry(NoBackoff(), 0)) as stranger,
            pytest.raises(redis.AuthenticationError),
        ):
            stranger.ping()
        family.close()


def test_a_lock_is_held_until_the_last_who_has_it_is_gone(tmp_path: Path) -> None:
    mine, other = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert mine.take()
    heir = subprocess.Popen(["sleep", "600"], pass_fds=[mine.descriptor])

    mine.release()

    assert not other.take()
    heir.send_signal(signal.SIGKILL)
    heir.wait()
    assert other.take()
    other.release()


def test_wiping_leaves_what_is_not_ours(tmp_path: Path) -> None:
    tmp_path.joinpath("letters").mkdir()
    folder = Folder(tmp_path, tmp_path)
    folder.secrets()

    folder.wipe()

    assert [path.name for path in tmp_path.iterdir()] == ["letters"]


def test_secrets_are_made_once_and_are_private(tmp_path: Path) -> None:
    folder = Folder(tmp_path, tmp_path)

    made = folder.secrets()

    assert folder.secrets() == made
    assert set(made) == {"SECRET_KEY", "SECRET", "FIELD_KEYS", "PIN_PEPPER"}
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_made_is_named_with_the_setting(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()

    with pytest.raises(Failure, match="BATUA_DATA"):
        Folder.open(in_the_way / "data")


def soon_ended(process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    return process.poll() is not None
