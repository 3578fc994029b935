"""Sealing anew what an older key sealed, so that the older key can go."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from . import fields
from .database import Base, db, transaction

AT_ONCE = 200

# Of each table, its sealed columns, each with the fingerprint that is made with it, if any.
Columns = Mapping[type[Base], Mapping[str, str | None]]


def reseal(columns: Columns) -> int:
    """Seal every row anew that the newest key does not open; returns how many those were.

    The tables have an ``id``.
    """
    return sum(_walk(table, names) for table, names in columns.items())


def _walk(table: Any, names: Mapping[str, str | None]) -> int:
    """Go through a table by its ids, some rows in each transaction. What is new is sealed well."""
    done, rest = 0, select(table).order_by(table.id).limit(AT_ONCE).with_for_update(of=table)
    query = rest
    while True:
        with transaction():
            rows = db.session.scalars(query).all()
            if not rows:
                return done
            query = rest.where(table.id > rows[-1].id)
            done += sum(_seal_anew(row, names) for row in rows)


def _seal_anew(row: Base, names: Mapping[str, str | None]) -> bool:
    stale = [name for name in names if fields.stale(getattr(row, name))]
    for name in stale:
        text = fields.reveal(getattr(row, name))
        setattr(row, name, fields.seal(text))
        if found_by := names[name]:
            setattr(row, found_by, fields.fingerprint(text))
    return bool(stale)
