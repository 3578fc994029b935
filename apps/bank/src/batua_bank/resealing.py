"""Sealing anew what an older key sealed: ``python -m batua_bank.resealing``.

To rotate, put a new key before the old one in ``FIELD_KEYS``, start everything again, run
this and the wallet's, and take the old key away.
"""

from batua_config import logs
from batua_config.settings import load
from batua_db import resealing
from batua_db.models.clients import ClientSecret

from . import create_app

COLUMNS: resealing.Columns = {ClientSecret: {"sealed": None}}

log = logs.get(__name__)


def reseal() -> int:
    """Seal every row anew that the newest key does not open; returns how many those were."""
    return resealing.reseal(COLUMNS)


def main() -> None:
    """Do it once, for whoever rotates the keys."""
    logs.configure(load())
    with create_app().app_context():
        log.info("sealed anew", count=reseal())


if __name__ == "__main__":
    main()
