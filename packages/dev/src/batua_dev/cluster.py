"""What a PostgreSQL server needs once: our two roles, and our databases.

``batua_owner`` owns the tables and migrates. ``batua_app`` is what the apps run as; what
it may do, migrations grant.
"""

from collections.abc import Mapping
from typing import LiteralString

import psycopg
from psycopg import sql

from .failure import Failure

OWNER = "batua_owner"
APP = "batua_app"
DATABASES = ("batua_user", "batua_bank")

Connection = psycopg.Connection[tuple[object, ...]]


def create_roles(connection: Connection, passwords: Mapping[str, str]) -> None:
    """Create what is missing of our roles, both able to sign in and to do nothing else."""
    for role in (OWNER, APP):
        if not exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
            create = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
            connection.execute(create.format(sql.Identifier(role), sql.Literal(passwords[role])))


def ensure_app_role(connection: Connection) -> None:
    """On somebody else's server, create the role that migrations grant to, if we may."""
    if exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", APP):
        return
    try:
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(APP)))
    except psycopg.errors.InsufficientPrivilege:
        raise Failure(
            f"The server at DATABASE_URL has no role {APP}, which migrations grant to, and this"
            f" user may not create it. Ask its administrator for: CREATE ROLE {APP} NOLOGIN;"
        ) from None
    except psycopg.errors.DuplicateObject:  # somebody else did, this moment
        return


def create_database(
    connection: Connection, name: str, *, owner: str = OWNER, template: str = "template0"
) -> None:
    """Create a database of ours, unless it is there; only our roles get in."""
    if exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", name):
        return
    database = sql.Identifier(name)
    # Copying its files takes a third of the time of writing all of it to the log.
    create = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY FILE_COPY")
    connection.execute(create.format(database, sql.Identifier(owner), sql.Identifier(template)))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    grant = sql.SQL("GRANT CONNECT ON DATABASE {} TO {}")
    connection.execute(grant.format(database, sql.Identifier(APP)))


def exists(connection: Connection, query: LiteralString, name: str) -> bool:
    """Whether the catalogue has ``name``."""
    return connection.execute(query, [name]).fetchone() is not None
