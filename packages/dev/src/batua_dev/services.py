"""PostgreSQL and Valkey for a developer: those that were given, or our own.

One command at a time owns the data folder and starts the services in it. The others
attach to a running ``dev``, or wait for each other.
"""

import json
import os
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psycopg

from . import cluster, given
from .failure import Failure
from .files import write_private
from .folder import Folder, Lock
from .postgres import Postgres
from .processes import Family
from .service import Service
from .valkey import Valkey

LAST_RUN = 30.0  # seconds in which the leftovers of a killed run have surely ended
SHORT_COMMAND = 120.0


@dataclass(frozen=True)
class Services:
    """What runs, and what the apps must be told about it."""

    folder: Folder
    family: Family
    environment: dict[str, str]

    def invite(self) -> None:
        """Let other commands attach."""
        note = {"pid": os.getpid(), "environment": self.environment}
        write_private(self.folder.attach_file, json.dumps(note))


@contextmanager
def owned(folder: Folder, command: str) -> Generator[Family]:
    """Own the data folder; what the family runs is stopped at the end."""
    running, stopping = _own(folder, command)
    family = Family(keep_open=[stopping.descriptor])
    try:
        folder.attach_file.unlink(missing_ok=True)
        yield family
    finally:
        folder.attach_file.unlink(missing_ok=True)
        family.close()
        stopping.release()
        running.release()


def start(family: Family, folder: Folder, set_by_user: Mapping[str, str]) -> Services:
    """Start what was not given, side by side, and say how to reach it."""
    postgres = Postgres(family, folder.home) if given.needs_postgres(set_by_user) else None
    valkey = None if "REDIS_URL" in set_by_user else Valkey(family, folder.home)
    mine: list[Service] = [service for service in (valkey, postgres) if service]
    for service in mine:
        service.start()
    for service in mine:
        service.wait()
    environment = {"APP_ENV": "development", **folder.secrets()}
    if valkey:
        environment["REDIS_URL"] = valkey.url
    if postgres:
        postgres.prepare(cluster.DATABASES)
        environment |= _database_urls(postgres, set_by_user)
    prepare_given(set_by_user)
    new = {name: value for name, value in environment.items() if name not in set_by_user}
    return Services(folder, family, new)


@contextmanager
def at_hand(
    folder: Folder, set_by_user: Mapping[str, str], command: str
) -> Generator[dict[str, str]]:
    """Attach to a running ``dev``, or else start the services for this command alone."""
    if attached := _attach(folder):
        if "DATABASE_URL" in set_by_user:  # ours are more specific, and would win
            attached = {k: v for k, v in attached.items() if "DATABASE_URL" not in k}
        yield {name: value for name, value in attached.items() if name not in set_by_user}
        return
    with owned(folder, command) as family:
        yield start(family, folder, set_by_user).environment


def is_served(folder: Folder) -> bool:
    """Whether a ``dev`` runs in this folder; waits for one that is starting."""
    return _attach(folder) is not None


def _own(folder: Folder, command: str) -> tuple[Lock, Lock]:
    """Take both locks: nobody else runs here, and nothing is left of who did."""
    running, stopping = Lock(folder.home / "running.lock"), Lock(folder.home / "stopping.lock")
    if not running.take(seconds=0 if command == "dev" else SHORT_COMMAND):
        holder = running.holder()
        raise Failure(
            f"`just {holder.get('command', 'dev')}` is running in {folder.asked}"
            f" (pid {holder.get('pid', 'unknown')}). Stop it first; or run this one beside it,"
            " with BATUA_DATA naming another folder, and USER_PORT and BANK_PORT other ports."
        )
    running.say({"pid": os.getpid(), "command": command})
    if not stopping.take(seconds=LAST_RUN):
        raise Failure(f"What an earlier run left in {folder.asked} does not end. Try again soon.")
    return running, stopping


def _attach(folder: Folder) -> dict[str, str] | None:
    """The environment of the ``dev`` that runs in this folder, if one does."""
    lock = Lock(folder.home / "running.lock")
    try:
        while not lock.take():
            holder = lock.holder()
            if holder.get("command") not in (None, "dev"):
                return None
            if note := _note(folder, holder.get("pid")):
                return note
            time.sleep(0.1)  # it is starting
        return None
    finally:
        lock.release()


def _note(folder: Folder, pid: object) -> dict[str, str] | None:
    with suppress(FileNotFoundError):
        note = json.loads(folder.attach_file.read_text())
        if note["pid"] == pid:
            return note["environment"]
    return None


def _database_urls(postgres: Postgres, set_by_user: Mapping[str, str]) -> dict[str, str]:
    """For each app that was given no database: its own, and the owner's way into it."""
    urls: dict[str, str] = {}
    for name in (name for name in given.DATABASES.values() if name not in set_by_user):
        database = f"batua_{name.partition('_')[0].lower()}"
        urls[name] = postgres.url(cluster.APP, database)
        urls[f"MIGRATE_{name}"] = postgres.url(cluster.OWNER, database)
    return urls


def prepare_given(set_by_user: Mapping[str, str]) -> None:
    """See to the role that migrations grant to, on servers that are not ours."""
    for name in given.DATABASES.values():
        if name in set_by_user or "DATABASE_URL" in set_by_user:
            _prepare(given.owner_setting(set_by_user, name), set_by_user)


def _prepare(setting: str, set_by_user: Mapping[str, str]) -> None:
    url = set_by_user[setting].replace("postgresql+psycopg:", "postgresql:", 1)
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            cluster.ensure_app_role(connection)
    except psycopg.OperationalError as error:
        raise Failure(f"{setting} names a server that does not let us in: {error}") from None
    except psycopg.ProgrammingError:
        raise Failure(f"{setting} must be an address like postgres://…") from None
