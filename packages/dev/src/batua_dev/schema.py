"""Whether the databases are at the latest migration: looked up, since Alembic is slow to ask."""

import importlib.util
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psycopg

from .failure import Failure
from .given import DATABASES, owner_setting


def migrated(environment: Mapping[str, str]) -> bool:
    """Whether both databases have the latest migration."""
    newest = latest()
    return all(_version(environment, name) == newest for name in DATABASES.values())


def latest() -> str:
    """The number of the latest migration: they are files that begin with it."""
    spec = importlib.util.find_spec("batua_db")
    if spec is None or spec.origin is None:
        raise Failure("batua_db is not installed. Run the command through `uv run`.")
    files = Path(spec.origin).parent.glob("migrations/versions/[0-9]*.py")
    return max(file.name.partition("_")[0] for file in files)


def _version(environment: Mapping[str, str], name: str) -> str:
    url = environment[owner_setting(environment, name)].replace("+psycopg:", ":", 1)
    with suppress(psycopg.Error), psycopg.connect(url, connect_timeout=5) as connection:
        if connection.execute("SELECT to_regclass('public.alembic_version')").fetchone() != (None,):
            row = connection.execute("SELECT version_num FROM public.alembic_version").fetchone()
            return str(row[0]) if row else ""
    return ""
