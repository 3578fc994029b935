"""A primary and a replica that streams from it, for tests of what reads a replica."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from . import cluster
from .postgres import ADMIN, Postgres
from .processes import Family
from .testrun import fast_place


class Primary(Postgres):
    """A throwaway server that others can stream from."""

    def options(self) -> dict[str, str]:
        """What the server is told."""
        streams = {"wal_level": "replica", "max_wal_senders": "4", "synchronous_commit": "on"}
        return super().options() | streams


class Replica(Primary):
    """A copy of ``primary`` as it is now, which streams what it does from now on."""

    name = "replica"

    def __init__(self, family: Family, primary: Primary) -> None:
        super().__init__(family, primary.folder, throwaway=True)
        self._primary = primary

    def initialise(self) -> None:
        """Copy the primary, unless that was done; roles and passwords are the same."""
        if not self.data.exists():
            self._copy()
        self.passwords = self._primary.passwords

    def _copy(self) -> None:
        self.data.mkdir(mode=0o700)
        self.give(self.data)
        source = self._primary.url(ADMIN, "postgres")
        options = ["--write-recovery-conf", "--checkpoint=fast", "--no-sync"]
        self.finish("pg_basebackup", "--dbname", source, "--pgdata", self.data, *options)


@contextmanager
def primary() -> Generator[Primary]:
    """Run a primary with our roles and an empty database for each app."""
    folder, family = Path(tempfile.mkdtemp(prefix="batua-stream-", dir=fast_place())), Family()
    try:
        family.remove_if_killed(folder)
        folder.chmod(0o755)  # for the unprivileged user that the servers may run as
        server = Primary(family, folder, throwaway=True)
        server.start()
        server.wait()
        server.prepare(cluster.DATABASES)
        yield server
    finally:
        family.close()
        shutil.rmtree(folder, ignore_errors=True)
