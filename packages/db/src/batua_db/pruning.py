"""Forgetting what nobody needs any more: in bounded batches, each a transaction of its own."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, delete, inspect, select, tuple_

from .database import Base, db, transaction

AT_ONCE = 500
BATCHES = 40  # of one table, at one turn of the worker


def prune(old: Mapping[type[Base], ColumnElement[bool]], *, hold: bool = True) -> int:
    """Delete the rows of each table that its condition names; the rest waits for the next turn.

    Rows that somebody holds are left alone. With ``hold=False`` nobody can hold them: who may
    not update a table may lock no row of it either.
    """
    return sum(_prune(model, condition, hold=hold) for model, condition in old.items())


def _prune(model: type[Base], old: ColumnElement[bool], *, hold: bool) -> int:
    gone = 0
    for _ in range(BATCHES):
        deleted = _delete_some(model, old, hold=hold)
        gone += deleted
        if deleted < AT_ONCE:
            break
    return gone


def _delete_some(model: type[Base], old: ColumnElement[bool], *, hold: bool) -> int:
    key = inspect(model).primary_key
    some = select(*key).where(old).limit(AT_ONCE)
    some = some.with_for_update(skip_locked=True) if hold else some
    gone = delete(model).where(tuple_(*key).in_(some)).returning(*key)
    with transaction():
        unseen = gone.execution_options(synchronize_session=False)
        return len(db.session.execute(unseen).all())
