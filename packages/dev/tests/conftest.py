"""The running system, for tests that drive it from outside."""

from collections.abc import Generator
from itertools import count

import pytest
from sqlalchemy import make_url

from batua_config.settings import Settings
from batua_dev.processes import Family
from batua_dev.scratch import Scratch, inside
from batua_dev.system import System, environment_of, seed

_serial = count()


@pytest.fixture(scope="module")
def whole_system(
    scratch: Scratch,
    worker_settings: Settings,
    worker_number: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[System]:
    """Both apps and both workers, seeded, each on a database of its own."""
    serial = next(_serial)
    names = {app: f"{scratch.prefix}_{app}{worker_number}_{serial}" for app in ("user", "bank")}
    for name in names.values():
        scratch.create(name, template=scratch.template)
    urls = {f"{app.upper()}_DATABASE_URL": _url(scratch, name) for app, name in names.items()}
    redis = {"REDIS_URL": worker_settings.redis_url}
    environment = environment_of(worker_settings, urls | redis)
    seed(environment, worker_settings)
    family = Family()
    system = System(family, environment, tmp_path_factory.mktemp("system"))
    try:
        yield system
    finally:
        family.close()
        for name in names.values():
            scratch.drop(name)


@pytest.fixture
def system(whole_system: System) -> Generator[System]:
    """The running system, with whatever the test before killed started again."""
    whole_system.revive()
    yield whole_system
    for part in whole_system.logs.glob("*.log"):
        text = part.read_text()
        part.write_text("")
        assert "Traceback" not in text, f"{part.name}:\n{text[-4000:]}"


def _url(scratch: Scratch, name: str) -> str:
    url = make_url(inside(scratch.app, name)).set(drivername="postgresql")
    return url.render_as_string(hide_password=False)
