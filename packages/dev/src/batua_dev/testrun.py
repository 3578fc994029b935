"""The services of one test run: embedded, unless DATABASE_URL and REDIS_URL name others."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import psycopg
import redis
from psycopg import sql
from sqlalchemy import make_url

from batua_db import migrations

from . import cluster
from .failure import Failure
from .postgres import ADMIN, Postgres
from .processes import Family
from .scratch import Scratch, inside, new_prefix
from .valkey import NUMBERS, Valkey

MEMORY = Path("/dev/shm")  # noqa: S108  (mkdtemp makes a private folder in it)
ROOM = 2**30
FOREIGN_NUMBERS = range(1, 16)  # what a Redis has unless told otherwise, but for the first


class Run:
    """Starts what a run needs and migrates the template; ``close`` leaves nothing behind."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._prefix = new_prefix()
        self._after = ExitStack()
        try:
            self.scratch = self._start(given)
            self._migrate_template()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Drop what was made, stop what was started."""
        self._after.close()

    def _start(self, given: Mapping[str, str]) -> Scratch:
        folder = self._temporary_folder()
        family = Family()
        self._after.callback(family.close)
        family.remove_if_killed(folder)
        url, numbers = self._redis(family, folder, given.get("REDIS_URL"))
        foreign = given.get("DATABASE_URL")
        admin, owner, app = self._foreign(foreign) if foreign else _embedded(family, folder)
        return Scratch(admin, owner, app, url, numbers, self._prefix)

    def _temporary_folder(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="batua-test-", dir=fast_place()))
        folder.chmod(0o755)  # for the unprivileged user the services may run as
        self._after.callback(shutil.rmtree, folder, ignore_errors=True)
        return folder

    def _redis(self, family: Family, folder: Path, given: str | None) -> tuple[str, list[int]]:
        if given:
            return given, _empty_numbers(given)
        valkey = Valkey(family, folder, throwaway=True)
        valkey.start()
        valkey.wait()
        return valkey.url, list(range(1, NUMBERS))

    def _foreign(self, url: str) -> tuple[str, str, str]:
        """Use somebody's server: the tests sign in as a role of their own, in ``batua_app``."""
        admin = make_url(url).set(drivername="postgresql")
        password = secrets.token_urlsafe(24)
        app = admin.set(username=self._prefix, password=password)
        given = admin.render_as_string(hide_password=False)
        try:
            _create_login(given, self._prefix, password)
        except (psycopg.OperationalError, psycopg.errors.InsufficientPrivilege) as error:
            raise Failure(
                f"Tests make roles and databases of their own, and DATABASE_URL does not let them:"
                f" {error}. Leave it unset, and they start a server."
            ) from None
        self._after.callback(_drop_role, given, self._prefix)
        return given, given, app.render_as_string(hide_password=False)

    def _migrate_template(self) -> None:
        self._after.callback(self.scratch.drop_all)
        self.scratch.create(self.scratch.template, template="template0")
        migrations.upgrade(sqlalchemy_url(inside(self.scratch.owner, self.scratch.template)))


def fast_place() -> Path | None:
    """Memory, if there is plenty: there, a copy of the template takes a tenth of the time."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    return MEMORY if roomy and shutil.disk_usage(MEMORY).free > ROOM else None


def _embedded(family: Family, folder: Path) -> tuple[str, str, str]:
    postgres = Postgres(family, folder, throwaway=True)
    postgres.start()
    postgres.wait()
    postgres.prepare(databases=())
    admin, owner, app = (
        postgres.url(role, "postgres") for role in (ADMIN, cluster.OWNER, cluster.APP)
    )
    return admin, owner, app


def _create_login(admin: str, name: str, password: str) -> None:
    login = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE {}").format(
        sql.Identifier(name), sql.Literal(password), sql.Identifier(cluster.APP)
    )
    with psycopg.connect(admin, autocommit=True, connect_timeout=5) as connection:
        cluster.ensure_app_role(connection)
        connection.execute(login)


def _drop_role(admin: str, role: str) -> None:
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def _empty_numbers(url: str) -> list[int]:
    """The databases of somebody's Redis that we may flush, since nothing is in them."""
    empty: list[int] = []
    for number in FOREIGN_NUMBERS:
        with redis.Redis.from_url(inside(url, str(number))) as client:
            try:
                empty += [] if client.dbsize() else [number]
            except redis.ResponseError:  # it has fewer
                break
    if not empty:
        raise Failure("No empty database at REDIS_URL: tests flush theirs. Leave it unset.")
    return empty


def sqlalchemy_url(url: str) -> str:
    """``url`` as SQLAlchemy wants it."""
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(False)
