"""What the pages of reconciliation show of the banks' settlement files."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.statements import SettlementFile, SettlementItem
from batua_user.bank.values import read_reference
from batua_user.reconciliation.queries import owners
from batua_user.settlement_files import queries

SHOWN = 7
WORDS = {
    "over midnight": "Booked on the other side of midnight",
    "awaited": "Its news is late; an operation of ours waits for it",
    "on its way": "On its way when the file was read",
    "not booked": "In the file, not in our book",
    "missing at the bank": "Booked here, missing in the file",
    "amounts differ": "The file has another amount than we booked",
    "read otherwise": "A line that was otherwise when it was read",
    "never read": "A line that was not there when its statement was read",
    "vanished": "A line that was read, and is gone",
}


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a bank, and how many differences nothing explains."""

    file: SettlementFile
    differences: int

    @property
    def words(self) -> str:
        """How it stands."""
        if self.file.status != "differs":
            return self.file.status.capitalize()
        return f"{self.differences} difference{'' if self.differences == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Line:
    """Something that differs: in words, for how many seconds, and whose operation it is."""

    item: SettlementItem
    why: str
    age: int
    operation: UUID | None


def last_days(code: str) -> Sequence[Day]:
    """The last days of a bank, the newest first."""
    files = queries.days(code, most=SHOWN)
    differ = queries.differences(files)
    return [Day(file, differ.get(file.id, 0)) for file in files]


def find(file_id: UUID) -> SettlementFile:
    """A day; raises ``NotFound``."""
    file = db.session.get(SettlementFile, file_id)
    if file is None:
        raise NotFound("There is no such day.")
    return file


def lines(file: SettlementFile) -> Sequence[Line]:
    """What differs on a day, what is wrong first."""
    now = db.session.scalars(select(func.clock_timestamp())).one()
    items = queries.items_of(file.id)
    ours = owners(item.reference for item in items)
    return [
        Line(
            item,
            WORDS[item.what],
            max(0, int((now - item.at).total_seconds())),
            read_reference(item.reference) if item.reference in ours else None,
        )
        for item in items
    ]
