"""An account to take along, as a table for spreadsheets."""

from collections.abc import Iterator

from batua_db import passbook
from batua_db.database import db
from batua_ui import spreadsheets
from batua_ui.spreadsheets import in_and_out, moment, plain, safe

from . import queries
from .lines import Line
from .queries import Holding, Wanted

COLUMNS = ("date", "time", "what", "note", "in", "out", "balance", "reference")


def table(holding: Holding, wanted: Wanted) -> Iterator[str]:
    """The rows that are wanted, newest first, as pieces of a CSV.

    No connection is held while whoever reads takes their time.
    """
    low, high = queries.span(holding.id, wanted)
    stop = max(low, high - spreadsheets.MOST)
    yield spreadsheets.BOM + spreadsheets.rows([COLUMNS])
    for lower, upper in passbook.slices(stop, high, queries.DEPTH.at_once):
        found = wanted.find(holding.id, lower, upper)
        db.session.rollback()
        yield spreadsheets.rows([_cells(line) for line in found])
    if stop > low:
        yield spreadsheets.rows([("", "", "Choose days: the older rows of these are not here.")])


def _cells(line: Line) -> tuple[str, ...]:
    return (
        *moment(line.at),
        safe(line.title),
        safe(line.note),
        *in_and_out(line.amount),
        plain(line.balance),
        safe(line.reference),
    )
