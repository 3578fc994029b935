"""The running system, for tests that drive it from outside."""

from collections.abc import Generator, Mapping

import pytest
import redis
from sqlalchemy import make_url

from batua_config.settings import Settings
from batua_dev.processes import Family
from batua_dev.scratch import Scratch, inside
from batua_dev.system import System, environment_of, learn_banks, seed


class Seeded:
    """The running system, and how its databases were before anything was done."""

    def __init__(self, system: System, scratch: Scratch, names: Mapping[str, str]) -> None:
        self.system = system
        self._scratch = scratch
        self._names = names  # of each database, and of the copy that stays as it was

    def restore(self) -> System:
        """Let it be as if nothing had been done yet; only what was killed stays so."""
        for name, copy in self._names.items():
            self._scratch.drop(name)
            self._scratch.create(name, template=copy)
        with redis.Redis.from_url(self.system.environment["REDIS_URL"]) as client:
            client.flushdb()
        return self.system


@pytest.fixture(scope="package")
def seeded(
    scratch: Scratch,
    worker_settings: Settings,
    worker_number: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[Seeded]:
    """Both apps and both workers for all tests of this folder, each app on its own database."""
    names = {app: f"{scratch.prefix}_{app}{worker_number}" for app in ("user", "bank")}
    for name in names.values():
        scratch.create(name, template=scratch.template)
    urls = {f"{app.upper()}_DATABASE_URL": _url(scratch, name) for app, name in names.items()}
    environment = environment_of(worker_settings, urls | {"REDIS_URL": worker_settings.redis_url})
    seed(environment, worker_settings)
    family = Family()
    system = System(family, environment, tmp_path_factory.mktemp("system"))
    copies = {name: f"{name}_seeded" for name in names.values()}
    try:
        learn_banks(system, worker_settings)
        for name, copy in copies.items():
            scratch.create(copy, template=name)
        yield Seeded(system, scratch, copies)
    finally:
        family.close()


@pytest.fixture(scope="module")
def whole_system(seeded: Seeded) -> System:
    """The running system, with nothing but the demo in it: each file of tests begins anew."""
    return seeded.restore()


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
