"""Whether the databases are at the latest migration: looked up, since Alembic is slow to ask."""

import importlib.util
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psycopg

from .given import DATABASES, owner_setting


def migrated(environment: Mapping[str, str]) -> bool:
    """Whether both databases have the latest migration: looked up, since Alembic is slow."""
    spec = importlib.util.find_spec("batua_db")
    if spec is None or spec.origin is None:
        return False
    files = Path(spec.origin).parent.glob("migrations/versions/[0-9]*.py")
    latest = max(file.name.partition("_")[0] for file in files)
    return all(_version(environment, name) == latest for name in DATABASES.values())


def _version(environment: Mapping[str, str], name: str) -> str:
    url = environment[owner_setting(environment, name)].replace("+psycopg:", ":", 1)
    with suppress(psycopg.Error), psycopg.connect(url, connect_timeout=5) as connection:
        if connection.execute("SELECT to_regclass('public.alembic_version')").fetchone() != (None,):
            row = connection.execute("SELECT version_num FROM public.alembic_version").fetchone()
            return str(row[0]) if row else ""
    return ""
