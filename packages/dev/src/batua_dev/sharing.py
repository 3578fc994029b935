"""One set of servers for a run of tests, however many processes it has.

With xdist the controller starts them, while the workers are collecting, and leaves word
in a private file. Without it they start when a test first asks.
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from .failure import Failure
from .files import write_private
from .scratch import Scratch
from .testrun import Run

PATIENCE = 120.0
RUN = pytest.StashKey[Run]()
NOTE = pytest.StashKey[Path]()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker where the note will be."""
    stash: pytest.Stash = node.config.stash
    if NOTE not in stash:
        stash[NOTE] = Path(tempfile.mkdtemp(prefix="batua-run-")) / "services.json"
    node.workerinput["batua_note"] = str(stash[NOTE])


@pytest.hookimpl(wrapper=True)
def pytest_sessionstart(session: pytest.Session) -> Generator[None, None, None]:
    """In the controller, and with its workers under way: start the servers."""
    yield
    if note := session.config.stash.get(NOTE, None):
        write_private(note, json.dumps(asdict(_start(session.config).scratch)))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what this process started."""
    if run := config.stash.get(RUN, None):
        run.close()
    if note := config.stash.get(NOTE, None):
        shutil.rmtree(note.parent)


def scratch(config: pytest.Config) -> Scratch:
    """The servers of this run; they are started if they are not there."""
    if note := _worker_input(config).get("batua_note"):
        return Scratch(**json.loads(_wait_for(Path(note))))
    return _start(config).scratch


def worker_number(config: pytest.Config) -> int:
    """The number in ``gw3``; 0 where there are no workers."""
    return int(_worker_input(config).get("workerid", "gw0").removeprefix("gw"))


def _worker_input(config: pytest.Config) -> dict[str, Any]:
    return getattr(config, "workerinput", {})


def _start(config: pytest.Config) -> Run:
    try:
        config.stash[RUN] = Run(os.environ)
    except Failure as failure:
        pytest.exit(f"The tests' services did not start. {failure}", returncode=3)
    return config.stash[RUN]


def _wait_for(note: Path) -> str:
    deadline = time.monotonic() + PATIENCE
    while not note.exists():
        if time.monotonic() > deadline:
            raise Failure("the controller did not start the services")
        time.sleep(0.02)
    return note.read_text()
