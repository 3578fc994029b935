"""Sealing anew what an older key sealed: ``python -m batua_user.resealing``.

To rotate, put a new key before the old one in ``FIELD_KEYS``, start everything again, run
this, and take the old key away.
"""

from collections.abc import Mapping

from sqlalchemy import select

from batua_config import logs
from batua_config.settings import load
from batua_db import fields
from batua_db.database import db, transaction
from batua_db.models.payments import LinkedAccount
from batua_db.models.people import KycRequest

from . import create_app

Sealed = LinkedAccount | KycRequest

AT_ONCE = 200
# What is sealed, and the fingerprint that is made with it.
COLUMNS: Mapping[type[Sealed], Mapping[str, str | None]] = {
    LinkedAccount: {"number_sealed": "number_hash"},
    KycRequest: {"pan_sealed": "pan_hash", "birth_date_sealed": None},
}

log = logs.get(__name__)


def reseal() -> int:
    """Seal every row anew that the newest key does not open; returns how many those were."""
    return sum(_walk(table) for table in COLUMNS)


def _walk(table: type[Sealed]) -> int:
    """Go through a table by its ids, some rows in each transaction. What is new is sealed well."""
    done, rest = 0, select(table).order_by(table.id).limit(AT_ONCE).with_for_update(of=table)
    query = rest
    while True:
        with transaction():
            rows = db.session.scalars(query).all()
            if not rows:
                return done
            query = rest.where(table.id > rows[-1].id)
            done += sum(_seal_anew(row, COLUMNS[table]) for row in rows)


def _seal_anew(row: Sealed, columns: Mapping[str, str | None]) -> bool:
    stale = [name for name in columns if fields.stale(getattr(row, name))]
    for name in stale:
        text = fields.reveal(getattr(row, name))
        setattr(row, name, fields.seal(text))
        if found_by := columns[name]:
            setattr(row, found_by, fields.fingerprint(text))
    return bool(stale)


def main() -> None:
    """Do it once, for whoever rotates the keys."""
    logs.configure(load())
    with create_app().app_context():
        log.info("sealed anew", rows=reseal())


if __name__ == "__main__":
    main()
