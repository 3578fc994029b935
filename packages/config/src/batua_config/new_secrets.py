"""New secrets: of a developer, and of an installation that has none yet.

``python -m batua_config.new_secrets FOLDER`` writes what an installation with its own
PostgreSQL and Valkey needs, a file for each setting, where they are missing: those of each
part in a folder of its own, so that no part has what is another's.
"""

import base64
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from .settings import App

DATABASES = {"user": "batua_user", "bank": "batua_bank"}
SERVER, CACHE = "postgres:5432", "valkey:6379"  # as the parts know each other by name


def of_an_app() -> dict[str, str]:
    """Every secret of an app; ``SECRET`` is the one that both must share."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "SECRET": "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "PIN_PEPPER": secrets.token_urlsafe(48),
    }


def of_an_installation() -> dict[str, dict[str, str]]:
    """Every secret of each part, by part and by name."""
    server = {
        name: secrets.token_urlsafe(24)
        for name in ("POSTGRES_PASSWORD", "OWNER_PASSWORD", "USER_PASSWORD", "BANK_PASSWORD")
    }
    cache = secrets.token_urlsafe(24)
    shared = of_an_app()["SECRET"]
    parts = {"postgres": server, "valkey": {"VALKEY_PASSWORD": cache}}
    for number, app in enumerate(get_args(App)):
        parts[app] = of_an_app() | {
            "SECRET": shared,
            "DATABASE_URL": _database(app, DATABASES[app], server[f"{app.upper()}_PASSWORD"]),
            "REDIS_URL": f"redis://:{cache}@{CACHE}/{number}",
        }
        owner = _database(app, "batua_owner", server["OWNER_PASSWORD"])
        parts[f"{app}-migrate"] = parts[app] | {"MIGRATE_DATABASE_URL": owner}
    return parts


def write(folder: Path, parts: Mapping[str, Mapping[str, str]]) -> bool:
    """Write ``parts`` where there are none yet; answers whether it did.

    A file marks the end, so that what was written in half is written anew.
    """
    done = folder / "postgres" / "complete"
    if done.exists():
        return False
    for part, values in parts.items():
        place = folder / part
        place.mkdir(parents=True, exist_ok=True)
        for name, value in values.items():
            (place / name).write_text(value)
    done.touch()
    return True


def _database(app: str, role: str, password: str) -> str:
    return f"postgresql://{role}:{password}@{SERVER}/{DATABASES[app]}"


if __name__ == "__main__":
    made = write(Path(sys.argv[1]), of_an_installation())
    sys.stdout.write("made new secrets\n" if made else "the secrets are there\n")
