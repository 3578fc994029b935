"""Bring an app's database to the latest migration: ``python -m batua_db.migrations user``."""

import argparse
import sys
from typing import get_args

from batua_config.settings import App, SettingsError, load

from . import head, upgrade


def main(arguments: list[str] | None = None) -> int:
    """Migrate; answers 1 and says why where settings are missing."""
    parser = argparse.ArgumentParser(prog="migrations", description="Migrate an app's database.")
    parser.add_argument("app", choices=get_args(App))
    app: App = parser.parse_args(arguments).app
    try:
        upgrade(load().migrate_url(app))
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"the database of {app} is at migration {head()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
