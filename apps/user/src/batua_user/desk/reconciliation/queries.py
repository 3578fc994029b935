"""What the page of reconciliation shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from batua_db.database import db
from batua_db.models.desk import Halt
from batua_db.reconciliation import Item
from batua_ui.desk.queue import Queue
from batua_user.bank.values import read_reference
from batua_user.payouts.service import HALT
from batua_user.reconciliation.queries import Standing, operations, standings
from batua_user.reconciliation.totals import Solvency, solvency, totals
from batua_user.settlement_files import queries as settlement_files

from .days import Day, last_days

TITLE = "Differences from the banks"


@dataclass(frozen=True, slots=True)
class Named:
    """A difference in the desk's words, and the operation it leads to, if it is one of ours."""

    item: Item
    why: str
    operation: UUID | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Every bank, and whether all of them together hold enough."""

    standings: Sequence[Standing]
    solvency: Solvency
    halt: Halt | None
    ours: dict[str, UUID]

    @property
    def waiting(self) -> int:
        """What of the settlement files a person has to look at."""
        return settlement_files.waiting()

    def days(self, standing: Standing) -> Sequence[Day]:
        """The last days of one bank."""
        return last_days(standing.bank.code)

    def named(self, standing: Standing) -> Sequence[Named]:
        """The differences of one bank, what is wrong first, then the oldest."""
        items = sorted(standing.found.items, key=lambda item: (not item.wrong, -item.age))
        return [self._named(item) for item in items]

    def _named(self, item: Item) -> Named:
        is_ours = item.name.reference in self.ours
        operation = read_reference(item.name.reference) if is_ours else None
        return Named(item, _why(item, is_ours=is_ours), operation)


def overview() -> Overview:
    """How our book stands against every bank."""
    found = sorted(standings(), key=lambda each: not each.late)
    items = [item for standing in found for item in standing.found.items]
    return Overview(found, solvency(found, totals()), halt(), operations(items))


def halt() -> Halt | None:
    """Why payouts are stopped, if they are."""
    return db.session.get(Halt, HALT, populate_existing=True)


def queue() -> Queue:
    """What does not explain itself, for the desk's first page."""
    found = standings()
    wrong = sum(item.wrong for each in found for item in each.found.items)
    wrong += sum(bool(each.statement.fault) for each in found) + settlement_files.waiting()
    text = "They do not explain themselves" if wrong else "Every rupee is explained"
    tone = "bad" if wrong else ""
    return Queue(TITLE, "desk.reconciliation.overview", "landmark", wrong, text=text, tone=tone)


def _why(item: Item, *, is_ours: bool) -> str:
    """What differs, in words."""
    if item.what == "in suspense":
        return "In suspense: it came, and could not be credited"
    if item.what == "missing at the bank":
        return "Booked here, missing at the bank"
    if item.what == "amounts differ":
        return "The bank moved another amount than we booked"
    if not item.moved:
        return "Booked here; its line of the statement comes next"
    if not is_ours:
        return "Moved at the bank under no reference of ours"
    return "Paid out, not booked yet" if item.name.out else "Captured, not booked yet"
