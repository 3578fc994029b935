"""A history as a table for spreadsheets: CSV in UTF-8, harmless to open."""

from collections.abc import Iterator
from uuid import UUID

from batua_db.database import db
from batua_ui import sheets
from batua_ui.filters import INDIA
from batua_ui.sheets import plain, rows, safe

from . import queries
from .lines import Line
from .wanted import Wanted

MOST = 20_000  # lines that are looked through
COLUMNS = ("date", "time", "what", "with", "note", "in", "out", "balance", "reference")
CUT = f"Only the newest {MOST} lines of these days are here. Choose days for older ones."


def table(account: UUID, wanted: Wanted) -> Iterator[str]:
    """The lines of ``account`` that are ``wanted``, newest first, as pieces of a CSV.

    No connection is held while whoever reads takes their time.
    """
    low, high = queries.span(account, wanted)
    stop = max(low, high - MOST)
    yield sheets.BOM + rows([COLUMNS])
    for top in range(high, stop, -queries.AT_ONCE):
        found = queries.sifted(account, wanted, max(stop, top - queries.AT_ONCE), top)
        db.session.rollback()
        yield rows([_row(line) for line in found])
    if stop > low:
        yield rows([("", "", CUT)])


def _row(line: Line) -> tuple[str, ...]:
    at = line.at.astimezone(INDIA)
    amount = plain(abs(line.amount))
    return (
        at.date().isoformat(),
        at.strftime("%H:%M:%S"),
        safe(line.what),
        safe(line.party.name),
        safe(line.note),
        amount if line.came_in else "",
        "" if line.came_in else amount,
        plain(line.balance),
        str(line.transfer_id),
    )
