"""Tables for spreadsheets: CSV in UTF-8, harmless to open."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import StringIO

from batua_db.money import Money

from .filters import INDIA

MOST = 20_000  # lines that are looked through for one
BOM = "\ufeff"  # else Excel takes UTF-8 for something else
# What spreadsheets take for the beginning of a formula, in both widths.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001


def safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULAS) else text


def plain(amount: Money) -> str:
    """Rupees as a number: ``1250.50``."""
    sign, paise = ("-" if amount.paise < 0 else ""), abs(amount.paise)
    return f"{sign}{paise // 100}.{paise % 100:02}"


def in_and_out(amount: Money) -> tuple[str, str]:
    """An amount in its own column: what came in, and what went out."""
    written = plain(abs(amount))
    return (written, "") if amount.paise > 0 else ("", written)


def moment(at: datetime) -> tuple[str, str]:
    """Day and time, in India."""
    local = at.astimezone(INDIA)
    return local.date().isoformat(), local.strftime("%H:%M:%S")


def rows(lines: Iterable[Sequence[str]]) -> str:
    """Lines as CSV."""
    text = StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue()
