"""``just simulate``: see to a running system, let people live in it, and prove the books."""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

from batua_dev import given
from batua_dev.failure import Failure
from batua_dev.files import last_lines
from batua_dev.folder import Folder
from batua_dev.processes import Family, Member
from batua_dev.services import is_served
from batua_dev.stopping import Stop

SLOW = 180.0  # seconds in which a system must be up


def add_options(parser: argparse.ArgumentParser) -> None:
    """What can be said about a simulation."""
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--pace", type=float, default=1.0, help="how many times faster than life")
    parser.add_argument("--url", help="the wallet; else that of `just dev`, started if need be")
    parser.add_argument("--bank-url", help="the bank; else that of `just dev`")
    parser.add_argument("--audit", help="a command that proves the books; else `just audit`")


def run(options: argparse.Namespace, folder: Folder, mine: Mapping[str, str]) -> int:
    """Simulate; 0 only if no request failed and the books hold."""
    if find_spec("locust") is None:
        raise Failure("locust is missing; `just simulate` brings it: uv run --group load …")
    stop = Stop()
    audit = shlex.split(options.audit or "") or [sys.executable, "-m", "batua_dev", "audit"]
    _check_reach(options, folder, mine)
    with ExitStack() as stack:
        family = Family()
        stack.callback(family.close)
        if not options.url and not is_served(folder):
            stack.enter_context(_system(family, stop, mine))
        city = family.spawn("city", _city(options, mine), output=sys.stdout.fileno())
        while not city.ended():
            if stop.now():
                city.ask_to_end()
            time.sleep(0.1)
        print("\nThe books:", flush=True)
        proved = subprocess.run(audit, check=False).returncode
    failed = city.process.returncode
    print("\nAll went well." if not failed and not proved else "\nNot all went well.")
    return 1 if failed or proved else 0


def _check_reach(options: argparse.Namespace, folder: Folder, mine: Mapping[str, str]) -> None:
    """Books of somewhere else are not proved by our own."""
    ours = is_served(folder) or not given.needs_postgres(mine)
    if options.url and not options.audit and not ours:
        raise Failure(
            "`just audit` does not reach the databases behind that address. Say with --audit"
            " which command proves its books."
        )


def _city(options: argparse.Namespace, mine: Mapping[str, str]) -> list[str]:
    wallet = mine.get("USER_APP_URL") or f"http://localhost:{given.port(mine, 'USER_PORT', 3001)}"
    bank = mine.get("BANK_APP_URL") or f"http://localhost:{given.port(mine, 'BANK_PORT', 3002)}"
    words = {
        "--people": options.people,
        "--minutes": options.minutes,
        "--pace": options.pace,
        "--url": options.url or wallet,
        "--bank-url": options.bank_url or bank,
    }
    told = [str(word) for pair in words.items() for word in pair]
    return [sys.executable, "-m", "batua_dev.simulate.city", *told]


@contextmanager
def _system(family: Family, stop: Stop, mine: Mapping[str, str]) -> Generator[None]:
    """``just dev``, for as long as this lasts, believing each person's address."""
    print("Starting `just dev` …", flush=True)
    with tempfile.NamedTemporaryFile(prefix="batua-dev-", suffix=".log") as log:
        told = {**os.environ, "PROXY_HOPS": mine.get("PROXY_HOPS", "1")}
        dev = family.spawn(
            "dev", [sys.executable, "-m", "batua_dev", "dev"], output=log.file, env=told
        )
        try:
            _wait_for(dev, Path(log.name), stop)
            yield
        finally:
            family.stop([dev], grace=30)


def _wait_for(dev: Member, log: Path, stop: Stop) -> None:
    until = time.monotonic() + SLOW
    while "Batua is running" not in log.read_text(errors="replace"):
        if stop.now() or dev.ended() or time.monotonic() > until:
            raise Failure(f"`just dev` did not start:\n{last_lines(log)}")
        time.sleep(0.2)
