"""A history as a table for spreadsheets."""

from collections.abc import Iterator
from uuid import UUID

from batua_db import passbook
from batua_db.database import db
from batua_ui import spreadsheets
from batua_ui.spreadsheets import BOM, in_and_out, moment, plain, rows, safe

from . import queries
from .lines import Line
from .wanted import Wanted

COLUMNS = ("date", "time", "what", "with", "note", "in", "out", "balance", "reference")
CUT = (
    f"Only the newest {spreadsheets.MOST} lines of these days are here. Choose days for older ones."
)


def table(account: UUID, wanted: Wanted) -> Iterator[str]:
    """The lines of ``account`` that are ``wanted``, newest first, as pieces of a CSV.

    No connection is held while whoever reads takes their time.
    """
    low, high = queries.span(account, wanted)
    stop = max(low, high - spreadsheets.MOST)
    yield BOM + rows([COLUMNS])
    for lower, upper in passbook.slices(stop, high, queries.AT_ONCE):
        found = queries.sifted(account, wanted, lower, upper)
        db.session.rollback()
        yield rows([_row(line) for line in found])
    if stop > low:
        yield rows([("", "", CUT)])


def _row(line: Line) -> tuple[str, ...]:
    return (
        *moment(line.at),
        safe(line.what),
        safe(line.party.name),
        safe(line.note),
        *in_and_out(line.amount),
        plain(line.balance),
        str(line.transfer_id),
    )
