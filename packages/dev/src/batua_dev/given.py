"""What the developer has set, in the environment or in ``.env``; empty means unset."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from .failure import Failure

DATABASES = {"user": "USER_DATABASE_URL", "bank": "BANK_DATABASE_URL"}


def read(file: Path = Path(".env")) -> dict[str, str]:
    """All of it; the environment wins over the file."""
    stored = dotenv_values(file) if file.exists() else {}
    found = {**{k: v for k, v in stored.items() if v}, **{k: v for k, v in os.environ.items() if v}}
    return {name: value for name, value in found.items() if value}


def needs_postgres(given: Mapping[str, str]) -> bool:
    """Whether an app is left without a database."""
    return "DATABASE_URL" not in given and any(n not in given for n in DATABASES.values())


def owner_setting(given: Mapping[str, str], name: str) -> str:
    """Which setting holds the owner's connection to the database in setting ``name``."""
    settings = (f"MIGRATE_{name}", "MIGRATE_DATABASE_URL", name, "DATABASE_URL")
    return next(setting for setting in settings if given.get(setting))


def port(given: Mapping[str, str], name: str, default: int) -> int:
    """The port in setting ``name``."""
    typed = given.get(name, str(default))
    if not (typed.isascii() and typed.isdigit() and 1 <= int(typed) <= 65535):
        raise Failure(f"{name} must be a port, 1 to 65535; it is {typed!r}.")
    return int(typed)


def development_only(given: Mapping[str, str], command: str) -> None:
    """Refuse to touch a production with what only makes sense in development."""
    if given.get("APP_ENV", "development") != "development":
        raise Failure(f"`just {command}` is for development, and APP_ENV={given['APP_ENV']}.")


def for_python(environment: Mapping[str, str]) -> dict[str, str]:
    """Let Python children keep what they compile where ``__main__`` keeps it."""
    fast = dict(environment)
    if fast.pop("PYTHONDONTWRITEBYTECODE", None):
        fast.setdefault("PYTHONPYCACHEPREFIX", str(Path(sys.prefix) / "pycache"))
    return fast


def needs_services(given: Mapping[str, str], command: str) -> bool:
    """Whether a short command must find or start services, or make development's secrets."""
    if given.get("APP_ENV") == "production":
        return False
    return needs_postgres(given) or "REDIS_URL" not in given or "SECRET_KEY" not in given
