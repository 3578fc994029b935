"""What is measured: a durable PostgreSQL, a Valkey, and both apps as their images run them.

The workers do not run: what is folded, sealed and delivered afterwards is in no figure.
"""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from batua_config.settings import Settings
from batua_db import migrations
from batua_dev import cluster, system
from batua_dev.postgres import Postgres
from batua_dev.processes import Family
from batua_dev.system import System
from batua_dev.testrun import sqlalchemy_url
from batua_dev.valkey import Valkey

from .history import settings

AS_IN_THE_IMAGE = {"GRANIAN_WORKERS": "2", "GRANIAN_BLOCKING_THREADS": "4"}


@dataclass(frozen=True, slots=True)
class Servers:
    """All that runs."""

    postgres: Postgres
    system: System
    settings: Settings  # of the wallet, for an app in this process

    @property
    def owner(self) -> str:
        """The way of the tables' owner into the wallet's database."""
        return self.postgres.url(cluster.OWNER, "batua_user")

    @property
    def port(self) -> int:
        """The wallet's."""
        return int(self.system.environment["USER_PORT"])

    @property
    def sides(self) -> tuple[list[int], int]:
        """The processes of Python, and PostgreSQL's."""
        member = self.postgres.member
        if member is None:
            raise LookupError("PostgreSQL does not run")
        return [self.system.pid("user"), self.system.pid("bank")], member.process.pid


@contextmanager
def running() -> Generator[Servers]:
    """Start everything, with the demo's banks and staff; nothing is left of it."""
    with tempfile.TemporaryDirectory(prefix="batua-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # for the unprivileged user the servers may run as
        family = Family()
        try:
            yield _start(family, folder)
        finally:
            family.close()


def _start(family: Family, folder: Path) -> Servers:
    postgres, valkey = Postgres(family, folder), Valkey(family, folder, throwaway=True)
    for service in (postgres, valkey):
        service.start()
    for service in (postgres, valkey):
        service.wait()
    postgres.prepare(cluster.DATABASES)
    for database in cluster.DATABASES:
        migrations.upgrade(sqlalchemy_url(postgres.url(cluster.OWNER, database)))
    told = settings(postgres.url(cluster.APP, "batua_user"), valkey.url)
    urls = {
        f"{app.upper()}_DATABASE_URL": postgres.url(cluster.APP, f"batua_{app}")
        for app in ("user", "bank")
    }
    environment = system.environment_of(told, urls | {"REDIS_URL": valkey.url} | AS_IN_THE_IMAGE)
    system.seed(environment, told)
    parts = System(family, environment, folder)
    system.learn_banks(parts, told)
    parts.start("bank", "user")
    return Servers(postgres, parts, system.settings_of(environment, told))
