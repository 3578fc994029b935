"""The calls of platforms, kept for a week for those who build them.

A call is written once its answer is on its way, in a transaction of its own: it delays
nobody, and one that can't be written fails nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, cast

from sqlalchemy import ColumnElement, Table, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from batua_config import logs
from batua_db.database import db, transaction
from batua_db.errors import NotFound
from batua_db.models.clients import Call

KEPT = timedelta(days=7)
A_PAGE = 50
LONGEST_PATH = 500

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Made:
    """A call as it was made and answered; its bodies are masked (see ``masking``)."""

    id: str
    client_id: str
    method: str
    path: str
    key: str
    sent: str
    status: int
    answered: str
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Which calls: ``outcome`` is good (2xx), refused (4xx), failed (5xx), or any."""

    outcome: str = ""
    path: str = ""  # a part of it
    after: str = ""  # the id of the last one seen


class Page(NamedTuple):
    """Some calls, newest first, and after which one older ones go on."""

    calls: Sequence[Call]
    older: str | None


# Made once, and without the ORM: every call of the API pays for it.
KEEP = insert(cast(Table, Call.__table__)).on_conflict_do_nothing()
RANGES = {"good": (200, 299), "refused": (400, 499), "failed": (500, 599)}


def keep(call: Made) -> None:
    """Write a call down, if it can be: a request id that was used before stays the first's."""
    try:
        values = {name: getattr(call, name) for name in Made.__slots__}
        values["path"] = call.path[:LONGEST_PATH]
        with transaction():
            db.session.execute(KEEP, values)
    except Exception as error:  # whatever it is, the call itself went well
        log.warning("a call was not kept", client=call.client_id, error=type(error).__name__)


def find(client_id: str, call_id: str) -> Call:
    """One call of a client's own; raises ``NotFound``."""
    found = db.session.scalar(select(Call).where(Call.id == call_id, Call.client_id == client_id))
    if found is None:
        raise NotFound("There is no such call; they are kept for seven days.")
    return found


def page(client_id: str, asked: Asked, *, most: int = A_PAGE) -> Page:
    """Calls of a client, newest first."""
    query = select(Call).where(Call.client_id == client_id, *_conditions(asked))
    if asked.after:
        place = select(Call.created_at, Call.id).where(Call.id == asked.after)
        query = query.where(tuple_(Call.created_at, Call.id) < place.scalar_subquery())
    newest = query.order_by(Call.created_at.desc(), Call.id.desc()).limit(most + 1)
    found = db.session.scalars(newest).all()
    return Page(found[:most], found[most - 1].id if len(found) > most else None)


def last_at(client_id: str) -> datetime | None:
    """When a client called last."""
    return db.session.scalar(select(func.max(Call.created_at)).where(Call.client_id == client_id))


def old() -> ColumnElement[bool]:
    """Those that have had their time."""
    return Call.created_at < func.clock_timestamp() - KEPT


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if asked.outcome in RANGES:
        conditions.append(Call.status.between(*RANGES[asked.outcome]))
    if asked.path:
        conditions.append(Call.path.icontains(asked.path, autoescape=True))
    return conditions
