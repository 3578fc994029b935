"""An app as its image serves it: it starts, it leaves without cutting anything off."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from http.client import HTTPConnection

import pytest

from batua_config.settings import Settings
from batua_dev.system import environment_of, free_port, until

DRAIN = 3  # seconds: on a busy machine all that is asked meanwhile takes its time
PROCESSES = 2


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def served(worker_settings: Settings, port: int) -> Generator[subprocess.Popen[bytes]]:
    urls = {"DATABASE_URL": worker_settings.database_url("user")}
    told = environment_of(worker_settings, urls | {"REDIS_URL": worker_settings.redis_url})
    how = {"DRAIN_SECONDS": str(DRAIN), "WEB_PROCESSES": str(PROCESSES)}
    command = [sys.executable, "-m", "batua_ui.serve", "user", "--host", "127.0.0.1"]
    process = subprocess.Popen([*command, "--port", str(port)], env=told | how)
    yield process
    process.kill()
    process.wait()


def test_it_says_that_it_leaves_and_serves_until_it_does(
    served: subprocess.Popen[bytes], port: int
) -> None:
    until(lambda: health(port) == 200, "it did not start", seconds=60)
    os.kill(served.pid, signal.SIGTERM)
    asked = time.monotonic()
    until(lambda: health(port) != 200, "it did not say so", seconds=DRAIN)

    # Each of the processes says so, and a page is still a page.
    assert {health(port) for _ in range(8 * PROCESSES)} == {503}
    assert status(port, "/login") == 200
    assert served.wait(20) == 0
    assert time.monotonic() - asked >= DRAIN
    assert health(port) is None


def health(port: int) -> int | None:
    """What it says of itself; nothing if nobody listens."""
    try:
        return status(port, "/healthz")
    except OSError:
        return None


def status(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()
