"""The API against its own description: schemathesis calls it as the document allows, and not."""

import os
import subprocess
import sys
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from batua_config.current import EXTENSION
from batua_config.settings import Settings
from batua_dev.testing import Committed

from . import documented

HERE = Path(__file__).parent / "fuzz"
SEEDS = (1, 2, 3)

pytestmark = pytest.mark.commits


class Quiet(WSGIRequestHandler):
    """Logs nothing: thousands of calls come."""

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Keep quiet."""


@pytest.fixture
def served(
    bank_app: Flask,
    committed_banks: Committed,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Generator[str]:
    """Where the bank is served, to a client that may call as often as it likes."""
    many = settings.model_copy(update={"API_CALLS_PER_MINUTE": 10**9})
    monkeypatch.setitem(bank_app.extensions, EXTENSION, many)
    monkeypatch.setattr(bank_app, "testing", value=False)
    documented.fund()
    documented.happen(refunded=False)
    server: Any = make_server("127.0.0.1", 0, bank_app, threaded=True, request_handler=Quiet)
    server.daemon_threads = False  # so that closing waits for calls that are still written down
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def fuzz(url: str, settings: Settings, seed: int, examples: int, *phases: str) -> None:
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml"),
        *("run", f"{url}/api/openapi.json", "--seed", str(seed)),
        *("--max-examples", str(examples), "--generation-database", "none", "--no-color"),
        *("--phases", ",".join(phases)),
    ]
    told = {
        "SCHEMATHESIS_HOOKS": "sign_calls",
        "FUZZ_SECRET": settings.secrets[0],
        "FUZZ_RETURN_TO": settings.public_url("user") + "/add-money/1",
    }
    done = subprocess.run(
        command, cwd=HERE, env={**os.environ, **told}, capture_output=True, text=True, check=False
    )
    print(done.stdout)  # noqa: T201
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_it_does_what_it_says(served: str, settings: Settings) -> None:
    fuzz(served, settings, 1, 2, "examples", "fuzzing")


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_it_does_what_it_says_at_length(served: str, settings: Settings, seed: int) -> None:
    fuzz(served, settings, seed, 500, "examples", "coverage", "fuzzing", "stateful")
