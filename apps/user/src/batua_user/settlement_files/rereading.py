"""The lines of a day once more: is each as it was when the statement was read, line by line?"""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from batua_db.database import db
from batua_db.models.desk import BankEntry
from batua_db.models.statements import Reread
from batua_db.money import Money
from batua_db.reconciliation import name_of
from batua_user.bank.values import StatementLine

from .matching import Terms


def reread(code: str, lines: Sequence[StatementLine], *, known: int) -> list[Terms]:
    """What is otherwise than it was read. Lines after number ``known`` were not read yet."""
    rows: dict[int, list[BankEntry]] = defaultdict(list)
    of_page = BankEntry.number.between(lines[0].number, lines[-1].number)
    for row in db.session.scalars(select(BankEntry).where(BankEntry.bank_code == code, of_page)):
        rows[row.number].append(row)
    found: list[Terms] = []
    for line in lines:
        if line.number <= known:
            found += _compare(line, rows.get(line.number, []))
    return found


def _compare(line: StatementLine, rows: Sequence[BankEntry]) -> list[Terms]:
    same = next((row for row in rows if row.entry_id == line.id), None)
    found = [_terms("vanished", line.number, row, Money(0)) for row in rows if row is not same]
    if same is None:
        return [*found, _never_read(line)]
    said = (line.reference, line.kind, line.amount, line.at)
    if said != (same.reference, same.kind, same.amount, same.happened_at):
        found.append(_terms("read otherwise", line.number, same, line.amount))
    return found


def _terms(what: Reread, line: int, row: BankEntry, moved: Money) -> Terms:
    return {
        "what": what,
        "reference": name_of(row.reference, row.entry_id),
        "way": "in" if row.amount.paise > 0 else "out",
        "line": line,
        "moved": moved,
        "booked": row.amount,
        "at": row.happened_at,
        "wrong": True,
    }


def _never_read(line: StatementLine) -> Terms:
    return {
        "what": "never read",
        "reference": name_of(line.reference, line.id),
        "way": "in" if line.amount.paise > 0 else "out",
        "line": line.number,
        "moved": line.amount,
        "booked": Money(0),
        "at": line.at,
        "wrong": True,
    }
