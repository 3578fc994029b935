"""Rotation, backup and restore, typed as the page for operators has them, on real servers."""

import base64
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Mapping
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from batua_config import new_secrets
from batua_dev import cluster
from batua_dev.postgres import ADMIN, Postgres
from batua_dev.processes import Family
from batua_dev.service import free_port
from batua_dev.system import PARTS, System
from batua_dev.testrun import fast_place

from .guides import blocks, of_compose
from .test_guides import OPERATE
from .test_main_job import ASHA, add, sign_in
from .visits import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.long]


class Machine:
    """A server of its own, and what is typed beside it."""

    def __init__(self, stack: ExitStack, place: Path) -> None:
        self.place = place
        place.mkdir(mode=0o755)
        family = Family()
        stack.callback(family.close)
        self.postgres = Postgres(family, place)
        if self.postgres.user:  # whom the server becomes may write here, too
            os.chown(place, self.postgres.user.uid, self.postgres.user.gid)

    def start(self) -> None:
        self.postgres.start()
        self.postgres.wait()

    def urls(self) -> dict[str, str]:
        """Where the apps find their databases."""
        return {
            f"{app.upper()}_DATABASE_URL": self.postgres.url(cluster.APP, f"batua_{app}")
            for app in ("user", "bank")
        }

    def type(self, commands: list[str], **told: str) -> None:
        """Run commands as an operator does, who is not root."""
        admin, user = make_url(self.postgres.url(ADMIN, "postgres")), self.postgres.user
        where = {"PGHOST": "127.0.0.1", "PGPORT": str(admin.port), "PGUSER": ADMIN}
        tools = self.postgres.program("postgres").parent
        environment = {
            **where,
            "PGPASSWORD": str(admin.password),
            "PGDATA": str(self.postgres.data),
            "PATH": f"{tools}:{os.environ['PATH']}",
            **told,
        }
        done = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", "\n".join(commands)],
            cwd=self.place, env=environment, capture_output=True, text=True, check=False,
            user=user.uid if user else None, group=user.gid if user else None,
            timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}"

    def seal(self) -> None:
        with psycopg.connect(self.postgres.url(ADMIN, "batua_user")) as connection:
            connection.execute("SELECT ledger.seal('wallet')")


@pytest.fixture
def place() -> Generator[Path]:
    with tempfile.TemporaryDirectory(prefix="batua-operate-", dir=fast_place()) as name:
        Path(name).chmod(0o755)
        yield Path(name)


def told(heading: str) -> list[list[str]]:
    """The blocks below a heading of the page, without those for Docker."""
    mine = [block for block in blocks() if block.page == OPERATE and block.heading == heading]
    return [block.commands for block in mine if not any(map(of_compose, block.commands))]


def test_all_of_the_page_is_typed_here() -> None:
    plain = [
        block.heading
        for block in blocks()
        if block.page == OPERATE and not all(map(of_compose, block.commands))
    ]

    assert plain == ["Rotate", "Back up", "Back up", *["Restore"] * 3]


def test_what_was_backed_up_while_money_moved_is_whole_when_restored(
    place: Path, scratch_redis: str
) -> None:
    with ExitStack() as stack:
        first = Machine(stack, place / "first")
        environment = installed(first, scratch_redis)
        lived_in(stack, first, environment, place)
        assert holds(environment)
        restored_from_the_copy(stack, first, environment, place)
        restored_from_dumps(stack, first, environment, place)


@pytest.fixture
def scratch_redis(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue("worker_settings").redis_url


def installed(machine: Machine, redis_url: str) -> dict[str, str]:
    """A new installation, with the demo in it; answers what its parts are told."""
    machine.start()
    machine.postgres.prepare(cluster.DATABASES)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "APP_ENV": "development",
        "REDIS_URL": redis_url,
        "USER_PORT": str(free_port()),
        "BANK_PORT": str(free_port()),
        **new_secrets.of_an_app(),
        **machine.urls(),
    }
    for app in ("user", "bank"):
        owner = machine.postgres.url(cluster.OWNER, f"batua_{app}")
        python("batua_db.migrations", app, environment | {"MIGRATE_DATABASE_URL": owner})
        python(f"batua_{app}.demo", None, environment)
    return environment


def lived_in(stack: ExitStack, machine: Machine, environment: dict[str, str], place: Path) -> None:
    """Money moves, a key is rotated, and backups are made, all while everything runs."""
    age(machine)
    family = Family()
    stack.callback(family.close)
    system = System(family, environment, place)
    system.revive()
    asha = sign_in(system, ASHA)
    add(asha, system, "1,000")
    rotate(system, environment)
    for commands in told("Back up"):
        machine.type(commands)
        add(asha, system, "10")
    system.stop(*PARTS)


def age(machine: Machine) -> None:
    """Use up transaction numbers, as a server that has run for a while."""
    years = "BEGIN FOR n IN 1..20000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END"
    with psycopg.connect(machine.postgres.url(ADMIN, "postgres"), autocommit=True) as connection:
        connection.execute(f"DO $$ {years} $$")


def rotate(system: System, environment: dict[str, str]) -> None:
    """Change ``FIELD_KEYS`` step by step, starting everything again at each."""
    older = environment["FIELD_KEYS"]
    newer = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    for keys in (f"{older} {newer}", f"{newer} {older}", newer):
        environment["FIELD_KEYS"] = system.environment["FIELD_KEYS"] = keys
        system.stop(*PARTS)
        system.revive()
        if keys.startswith(newer) and older in keys:
            for command in told("Rotate")[0]:
                python(command.removeprefix("python -m "), None, environment)


def restored_from_the_copy(
    stack: ExitStack, first: Machine, environment: Mapping[str, str], place: Path
) -> None:
    second = Machine(stack, place / "second")
    shutil.copytree(first.place / "backup", second.postgres.data)
    shutil.copy(first.place / "postgres.json", second.place)
    second.postgres.data.chmod(0o700)
    if user := second.postgres.user:
        subprocess.run(["chown", "-R", f"{user.uid}:{user.gid}", second.postgres.data], check=True)
    second.start()
    assert holds({**environment, **second.urls()})
    second.seal()


def restored_from_dumps(
    stack: ExitStack, first: Machine, environment: Mapping[str, str], place: Path
) -> None:
    third = Machine(stack, place / "third")
    third.start()
    third.postgres.prepare(())  # what `deploy/roles.sh` does
    for name in ("wallet.dump", "bank.dump"):
        shutil.copy(first.place / name, third.place)
    restore, raise_epoch, prove = told("Restore")
    third.type(restore)
    with pytest.raises(psycopg.errors.RaiseException, match="went backwards"):
        third.seal()
    third.postgres.stop()
    third.type(raise_epoch)
    third.start()
    assert prove == ["python -m batua_db.audit"]
    assert holds({**environment, **third.urls()})
    third.seal()


def holds(environment: Mapping[str, str]) -> bool:
    return "All holds." in python("batua_db.audit", None, environment)


def python(module: str, argument: str | None, environment: Mapping[str, str]) -> str:
    command = ["python", "-m", module, *([argument] if argument else [])]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout
