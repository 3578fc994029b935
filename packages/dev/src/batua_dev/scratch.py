"""Databases for tests: one server for a run, a migrated template, and cheap copies of it."""

import secrets
from dataclasses import dataclass

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from . import cluster
from .failure import Failure


@dataclass(frozen=True)
class Scratch:
    """How to reach the servers of a run; plain values, so that they travel to the workers."""

    admin: str
    owner: str
    app: str
    redis: str
    redis_numbers: list[int]
    prefix: str

    @property
    def template(self) -> str:
        """The database that every other is a copy of."""
        return f"{self.prefix}_template"

    def create(self, name: str, *, template: str) -> None:
        """Create a database."""
        owner = make_url(self.owner).username or cluster.OWNER
        with psycopg.connect(self.admin, autocommit=True) as connection:
            cluster.create_database(connection, name, owner=owner, template=template)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        with psycopg.connect(self.admin, autocommit=True) as connection:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(name)))

    def drop_all(self) -> None:
        """Drop every database of this run."""
        ours = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        with psycopg.connect(self.admin, autocommit=True) as connection:
            names = [str(name) for (name,) in connection.execute(ours, [self.prefix]).fetchall()]
        for name in names:
            self.drop(name)

    def redis_url(self, worker: int) -> str:
        """The numbered database of Redis that ``worker`` may flush."""
        if worker >= len(self.redis_numbers):
            raise Failure(
                f"Worker {worker + 1} has no empty database left at REDIS_URL. Empty one, or run"
                f" fewer workers (-n {len(self.redis_numbers)}), or leave REDIS_URL unset."
            )
        return inside(self.redis, str(self.redis_numbers[worker]))


def inside(url: str, database: str) -> str:
    """``url`` with another database."""
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def new_prefix() -> str:
    """What the names of a run's databases begin with."""
    return f"batua_test_{secrets.token_hex(4)}"
