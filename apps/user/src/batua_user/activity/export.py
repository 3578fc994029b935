"""A history as a table for spreadsheets: CSV in UTF-8, harmless to open."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from uuid import UUID

from batua_db.database import db
from batua_db.money import Money
from batua_ui.filters import INDIA

from . import queries
from .lines import Line
from .wanted import Wanted

MOST = 20_000  # lines that are looked through
BOM = "\ufeff"  # else Excel takes UTF-8 for something else
COLUMNS = ("date", "time", "what", "with", "note", "in", "out", "balance", "reference")
# What spreadsheets take for the beginning of a formula, in both widths.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
CUT = f"Only the newest {MOST} lines of these days are here. Choose days for older ones."


def table(account: UUID, wanted: Wanted) -> Iterator[str]:
    """The lines of ``account`` that are ``wanted``, newest first, as pieces of a CSV.

    No connection is held while whoever reads takes their time.
    """
    low, high = queries.span(account, wanted)
    stop = max(low, high - MOST)
    yield BOM + _csv([COLUMNS])
    for top in range(high, stop, -queries.AT_ONCE):
        found = queries.sifted(account, wanted, max(stop, top - queries.AT_ONCE), top)
        db.session.rollback()
        yield _csv([_row(line) for line in found])
    if stop > low:
        yield _csv([("", "", CUT)])


def safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULAS) else text


def _row(line: Line) -> tuple[str, ...]:
    at = line.at.astimezone(INDIA)
    amount = _plain(abs(line.amount))
    return (
        at.date().isoformat(),
        at.strftime("%H:%M:%S"),
        safe(line.what),
        safe(line.party.name),
        safe(line.note),
        amount if line.came_in else "",
        "" if line.came_in else amount,
        _plain(line.balance),
        str(line.transfer_id),
    )


def _plain(amount: Money) -> str:
    """Rupees as a number: ``1250.50``."""
    return f"{amount.paise // 100}.{amount.paise % 100:02}"


def _csv(rows: Sequence[Sequence[str]]) -> str:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
