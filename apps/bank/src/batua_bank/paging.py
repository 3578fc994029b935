"""Lists in pages. A cursor is the name of the last thing on the page before."""

from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from batua_db.database import db
from batua_db.errors import Refused

T = TypeVar("T")


class UnknownCursor(Refused):
    """What the page should come after is not on this list."""

    code = "invalid_after"

    def __init__(self) -> None:
        super().__init__("Give the next of an earlier answer, as it came.", field="after")


class Page(NamedTuple, Generic[T]):
    """Some of a list, and where the rest begins; ``None`` at its end."""

    items: list[T]
    next: str | None


def newest_first(
    model: type[T],
    *mine: ColumnElement[bool],
    by: InstrumentedAttribute[Any],
    after: str | None,
    limit: int,
) -> Page[T]:
    """The rows of ``model`` that are ``mine``, the newest ``by`` a time first."""
    row: Any = model
    order = tuple_(by, row.id)
    query = select(model).where(*mine).order_by(by.desc(), row.id.desc()).limit(limit + 1)
    if after is not None:
        query = query.where(order < tuple_(*_anchor(select(by, row.id).where(*mine), row, after)))
    return cut(list(db.session.scalars(query)), limit)


def cut(rows: list[Any], limit: int, name: str = "id") -> Page[Any]:
    """A page of ``rows``, of which one more than ``limit`` was asked for."""
    kept = rows[:limit]
    return Page(kept, str(getattr(kept[-1], name)) if len(rows) > limit else None)


def _anchor(mine: Any, row: Any, after: str) -> tuple[Any, ...]:
    try:
        wanted = UUID(after)
    except ValueError:
        raise UnknownCursor from None
    found = db.session.execute(mine.where(row.id == wanted)).one_or_none()
    if found is None:
        raise UnknownCursor
    return tuple(found)
