"""The running system, for tests that drive it from outside."""

import os
import socket
from collections.abc import Generator
from itertools import count
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from batua_config.settings import Settings
from batua_dev.processes import Family
from batua_dev.scratch import Scratch, inside
from batua_dev.system import System

_serial = count()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(settings: Settings, scratch: Scratch, names: tuple[str, str]) -> dict[str, str]:
    """What the processes are told: a database each, and ports of their own."""
    secrets = {
        name: value.get_secret_value()
        for name, value in settings
        if isinstance(value, SecretStr) and "DATABASE" not in name
    }
    user, bank = names
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "APP_ENV": "development",
        "USER_PORT": str(free_port()),
        "BANK_PORT": str(free_port()),
        "USER_DATABASE_URL": _plain(inside(scratch.app, user)),
        "BANK_DATABASE_URL": _plain(inside(scratch.app, bank)),
        **secrets,
    }


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def system(
    scratch: Scratch, worker_settings: Settings, worker_number: int, tmp_path: Path
) -> Generator[System]:
    """Both apps and both workers, seeded, each on a database of its own."""
    serial = next(_serial)
    names = tuple(f"{scratch.prefix}_{app}{worker_number}_{serial}" for app in ("user", "bank"))
    for name in names:
        scratch.create(name, template=scratch.template)
    family = Family()
    system = System(family, environment(worker_settings, scratch, names), tmp_path)
    try:
        system.seed()
        system.start("bank", "user", "bank-worker", "user-worker")
        yield system
    finally:
        family.close()
        for name in names:
            scratch.drop(name)
    for part in tmp_path.glob("*.log"):
        assert "Traceback" not in part.read_text(), f"{part.name}:\n{part.read_text()[-4000:]}"
