"""`just dev` for real: it starts everything, and whatever ends it, nothing is left."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
import requests

from batua_dev.lengths import is_long
from batua_dev.service import free_port
from batua_dev.testrun import fast_place

ROOT = Path(__file__).parents[3]
PYTHON = [sys.executable, "-m", "batua_dev"]
JUST = [str(Path(sys.executable).with_name("just"))]
OURS = ("DATABASE_URL", "REDIS_URL", "SECRET", "FIELD_KEYS", "PIN_PEPPER", "_PORT", "_APP_URL")
PATIENCE = 90

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(sys.platform == "win32", reason="not there")]


class Dev:
    """One `just dev`, on ports and in a folder of its own."""

    def __init__(self, data: Path, *, command: list[str] = PYTHON) -> None:
        self.data = data
        ports = {"USER_PORT": str(free_port()), "BANK_PORT": str(free_port())}
        kept = {k: v for k, v in os.environ.items() if not k.endswith(OURS)}
        self.environment = {**kept, **ports, "BATUA_DATA": str(data), "APP_ENV": ""}
        self.urls = {app: f"http://localhost:{ports[f'{app}_PORT']}" for app in ("USER", "BANK")}
        self.launch(command)

    def launch(self, command: list[str] = PYTHON) -> None:
        """Start it, in a process group of its own as a terminal would."""
        self.process = subprocess.Popen(
            [*command, "dev"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.family: dict[int, str] = {}

    def ready(self) -> str:
        """Wait for the addresses, and return what was printed until then."""
        assert self.process.stdout is not None
        printed = ""
        for line in self.process.stdout:
            printed += line
            if "the data" in line:
                self.family = descendants(self.process.pid)
                return printed
        raise AssertionError(f"it ended with {self.process.wait()}:\n{printed}")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a short command beside it."""
        return subprocess.run(
            [*PYTHON, *command],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        """Sign in to the wallet's database as the wallet does, while it runs."""
        note = json.loads((self.data / "attach.json").read_text())
        return psycopg.connect(note["environment"]["USER_DATABASE_URL"])

    def part(self, words: str) -> int:
        """The number of the process whose command has ``words``."""
        return next(pid for pid, command in self.family.items() if words in command)

    def end(self, stop: Callable[[], None]) -> int:
        """Stop it in some way, see that all of it is gone, and return the exit code."""
        stop()
        code = self.process.wait(30)
        assert soon(lambda: not any(map(alive, self.family))), self.left()
        if self.process.stdout:
            self.process.stdout.close()
        return code

    def left(self) -> list[str]:
        return [command for pid, command in self.family.items() if alive(pid)]


@pytest.fixture
def place() -> Generator[Path]:
    with tempfile.TemporaryDirectory(prefix="a बटुआ of ", dir=fast_place()) as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_two_run_side_by_side_and_whatever_ends_one_what_was_committed_stays(place: Path) -> None:
    first, second = Dev(place / "one", command=JUST), Dev(place / "two")
    with ExitStack() as stack:
        for dev in (first, second):
            stack.callback(lambda dev=dev: dev.process.kill())
        for dev in (first, second):
            printed = dev.ready()
            for url in dev.urls.values():
                assert url in printed
                assert requests.get(f"{url}/healthz", timeout=5).json() == {"status": "ok"}

        assert_others_attach(first)
        assert_a_third_is_refused(first)
        assert_secrets_are_private(first.data)
        commit(first)

        # Ctrl-C in a terminal reaches `just` and all that is in its group.
        assert first.end(lambda: os.killpg(first.process.pid, signal.SIGINT)) in (0, 130)
        second_bank = second.part("batua_bank.wsgi")
        assert second.end(lambda: os.kill(second_bank, signal.SIGKILL)) == 1

        first.launch()
        first.ready()
        assert_kept(first)
        first.end(lambda: os.killpg(first.process.pid, signal.SIGKILL))

        if is_long():
            first.launch(JUST)
            first.ready()
            assert_kept(first)
            first.end(first.process.kill)  # `just` alone: what it ran must notice

        first.launch()
        first.ready()
        assert_kept(first)
        assert first.end(first.process.terminate) == 0
        assert first.run("audit").returncode == 0  # starts the services by itself


def assert_others_attach(dev: Dev) -> None:
    audit = dev.run("audit", "--json")
    assert audit.returncode == 0, audit.stderr
    assert json.loads(audit.stdout)["ok"] is True
    assert dev.run("seed").returncode == 0


def assert_a_third_is_refused(dev: Dev) -> None:
    refused = dev.run("dev")
    runner = json.loads((dev.data / "attach.json").read_text())["pid"]
    assert refused.returncode == 1
    assert f"pid {runner}" in refused.stderr
    assert "BATUA_DATA" in refused.stderr


def assert_secrets_are_private(data: Path) -> None:
    for name in ("attach.json", "secrets.json", "postgres.json"):
        assert stat.S_IMODE((data / name).stat().st_mode) == 0o600


def commit(dev: Dev) -> None:
    with dev.connect() as connection:
        connection.execute(
            "INSERT INTO wallet.witness (book, number, digest) VALUES ('test', 1, 'x')"
        )


def assert_kept(dev: Dev) -> None:
    with dev.connect() as connection:
        found = connection.execute("SELECT number FROM wallet.witness WHERE book = 'test'")
        assert found.fetchall() == [(1,)]


def test_a_busy_port_is_named_with_its_setting(place: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        environment = {**os.environ, "BANK_PORT": port, "BATUA_DATA": str(place / "data")}
        done = subprocess.run(
            [*PYTHON, "dev"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )

    assert done.returncode == 1
    assert port in done.stderr
    assert "BANK_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def descendants(pid: int) -> dict[int, str]:
    """A process, all that it started, and their commands."""
    asked = ["ps", "-axww", "-o", "pid=,ppid=,command="]
    lines = subprocess.check_output(asked, text=True).splitlines()
    table = [line.split(None, 2) for line in lines]
    family = {pid}
    while more := {int(p) for p, parent, *_ in table if int(parent) in family} - family:
        family |= more
    return {int(p): " ".join(command) for p, _, *command in table if int(p) in family}


def alive(pid: int) -> bool:
    """Whether it runs; one that nobody has buried yet does not."""
    asked = ["ps", "-o", "stat=", "-p", str(pid)]
    state = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return bool(state) and not state.startswith("Z")


def soon(holds: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
