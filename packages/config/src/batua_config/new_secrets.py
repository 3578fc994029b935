"""New secrets: of a developer, and of an installation that has none yet.

``python -m batua_config.new_secrets FOLDER`` writes what an installation with its own
PostgreSQL and Valkey needs, a file for each setting, where they are missing: those of each
part in a folder of its own, so that no part has what is another's. Where the parts find
each other is written each time: with ``--scaled`` through a pool, and at a replica.
"""

import argparse
import base64
import secrets
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import get_args

from .settings import App

DATABASES = {"user": "batua_user", "bank": "batua_bank"}
# As the parts know each other by name.
SERVER, POOL, REPLICA, CACHE = "postgres:5432", "pgbouncer:6432", "replica:5432", "valkey:6379"
PASSWORDS = ("POSTGRES", "OWNER", "USER", "BANK", "REPLICA")

Parts = Mapping[str, Mapping[str, str]]


def of_an_app() -> dict[str, str]:
    """Every secret of an app; ``SECRET`` is the one that both must share."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "SECRET": "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "PIN_PEPPER": secrets.token_urlsafe(48),
    }


def of_an_installation() -> Parts:
    """Every secret of each part, by part and by name."""
    shared = of_an_app()["SECRET"]
    return {
        "postgres": {f"{whose}_PASSWORD": secrets.token_urlsafe(24) for whose in PASSWORDS},
        "valkey": {"VALKEY_PASSWORD": secrets.token_urlsafe(24)},
        **{app: of_an_app() | {"SECRET": shared} for app in get_args(App)},
    }


def addresses(made: Parts, *, scaled: bool) -> Parts:
    """Where the parts that have the secrets ``made`` find each other."""
    server, cache = made["postgres"], made["valkey"]["VALKEY_PASSWORD"]
    parts: dict[str, Mapping[str, str]] = {}
    books: dict[str, str] = {}
    for number, app in enumerate(get_args(App)):
        own = partial(_database, app, f"batua_{app}", server[f"{app.upper()}_PASSWORD"])
        parts[app] = {
            "DATABASE_URL": own(POOL if scaled else SERVER),
            "DATABASE_POOLED": str(scaled).lower(),
            "READ_DATABASE_URL": own(REPLICA) if scaled else "",
            "REDIS_URL": f"redis://:{cache}@{CACHE}/{number}",
        }
        books[f"{app.upper()}_DATABASE_URL"] = own(SERVER)
        owner = _database(app, "batua_owner", server["OWNER_PASSWORD"], SERVER)
        parts[f"{app}-migrate"] = {**made[app], **parts[app], "MIGRATE_DATABASE_URL": owner}
    parts["audit"] = {**made["user"], **books}
    if scaled:
        logins = (f'"batua_{app}" "{server[f"{app.upper()}_PASSWORD"]}"\n' for app in get_args(App))
        parts["pgbouncer"] = {"userlist.txt": "".join(logins)}
        parts["replica"] = {"REPLICA_PASSWORD": server["REPLICA_PASSWORD"]}
    return parts


def install(folder: Path, *, scaled: bool = False) -> bool:
    """Write new secrets where there are none yet, and the addresses; answers whether it made any.

    A file marks the end, so that what was written in half is written anew.
    """
    done = folder / "postgres" / "complete"
    new = not done.exists()
    if new:
        _write(folder, of_an_installation())
    made = {
        part: {file.name: file.read_text() for file in (folder / part).iterdir()}
        for part in ("postgres", "valkey", *get_args(App))
    }
    _write(folder, addresses(made, scaled=scaled))
    done.touch()
    return new


def _write(folder: Path, parts: Parts) -> None:
    """Write each value in one go: somebody may be reading."""
    for part, values in parts.items():
        place = folder / part
        place.mkdir(parents=True, exist_ok=True)
        for name, value in values.items():
            unfinished = place / f".{name}"
            unfinished.write_text(value)
            unfinished.replace(place / name)


def _database(app: str, role: str, password: str, server: str) -> str:
    return f"postgresql://{role}:{password}@{server}/{DATABASES[app]}"


def main(arguments: list[str] | None = None) -> None:
    """Make what is missing, and say whether anything was."""
    parser = argparse.ArgumentParser(prog="new_secrets", description="Secrets of an installation.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scaled", action="store_true", help="with a pool and a replica")
    asked = parser.parse_args(arguments)
    made = install(asked.folder, scaled=asked.scaled)
    sys.stdout.write("made new secrets\n" if made else "the secrets are there\n")


if __name__ == "__main__":
    main()
