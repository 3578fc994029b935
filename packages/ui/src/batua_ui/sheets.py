"""Tables for spreadsheets: CSV in UTF-8, harmless to open."""

import csv
from collections.abc import Sequence
from io import StringIO

from batua_db.money import Money

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


def rows(cells: Sequence[Sequence[str]]) -> str:
    """Lines of a CSV."""
    text = StringIO()
    csv.writer(text).writerows(cells)
    return text.getvalue()
