"""The running system, for tests that drive it from outside."""

from collections.abc import Generator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import make_url

from batua_config.settings import Settings
from batua_dev.processes import Family
from batua_dev.scratch import Scratch, inside
from batua_dev.system import System, environment_of

_serial = count()


@pytest.fixture
def system(
    scratch: Scratch, worker_settings: Settings, worker_number: int, tmp_path: Path
) -> Generator[System]:
    """Both apps and both workers, seeded, each on a database of its own."""
    serial = next(_serial)
    names = {app: f"{scratch.prefix}_{app}{worker_number}_{serial}" for app in ("user", "bank")}
    for name in names.values():
        scratch.create(name, template=scratch.template)
    urls = {f"{app.upper()}_DATABASE_URL": _url(scratch, name) for app, name in names.items()}
    family = Family()
    redis = {"REDIS_URL": worker_settings.redis_url}
    system = System(family, environment_of(worker_settings, urls | redis), tmp_path)
    try:
        system.seed()
        system.start("bank", "user", "bank-worker", "user-worker")
        yield system
    finally:
        family.close()
        for name in names.values():
            scratch.drop(name)
    for part in tmp_path.glob("*.log"):
        text = part.read_text()
        assert "Traceback" not in text, f"{part.name}:\n{text[-4000:]}"


def _url(scratch: Scratch, name: str) -> str:
    url = make_url(inside(scratch.app, name)).set(drivername="postgresql")
    return url.render_as_string(hide_password=False)
