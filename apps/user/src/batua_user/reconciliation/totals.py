"""What our book holds, by kind of account, and whether the banks hold as much as it owes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from batua_db.database import db

from .queries import Standing

# One statement, hence one snapshot: what waits on hot accounts is counted with what is booked.
BY_KIND = text(
    "SELECT split_part(a.kind, ':', 1) AS kind, a.kind AS name, count(*) AS accounts,"
    " CAST(sum(a.balance) AS bigint) AS booked, CAST(sum(a.version) AS bigint) AS entries,"
    " CAST(coalesce(sum(p.amount), 0) AS bigint) AS waits,"
    " CAST(coalesce(sum(p.legs), 0) AS bigint) AS legs"
    " FROM ledger.account a LEFT JOIN (SELECT account_id, sum(amount) AS amount, count(*) AS legs"
    " FROM ledger.pending GROUP BY account_id) p ON p.account_id = a.id"
    " WHERE a.book = 'wallet' GROUP BY a.kind ORDER BY a.kind"
)
OWED = ("person", "merchant", "biller", "fees")  # what is set aside has left, or may go back


@dataclass(frozen=True, slots=True)
class Total:
    """The accounts of one kind, in paise: what is booked, and what waits to be."""

    kind: str
    name: str
    accounts: int
    booked: int
    entries: int
    waits: int
    legs: int

    @property
    def holds(self) -> int:
        """All of it."""
        return self.booked + self.waits


@dataclass(frozen=True, slots=True)
class Solvency:
    """What banks hold for us, and what people, businesses and billers have with us, in paise."""

    held: int
    owed: int

    @property
    def covers(self) -> bool:
        """Whether nobody's money is missing."""
        return self.held >= self.owed


def totals() -> Sequence[Total]:
    """Our book by kind of account."""
    return [Total(*row) for row in db.session.execute(BY_KIND)]


def solvency(standings: Sequence[Standing], found: Sequence[Total]) -> Solvency:
    """What the statements say is held, brought forward by what we have booked since."""
    held = sum(each.found.platform + each.found.float for each in standings)
    held -= sum(each.holds for each in found if each.kind == "float")
    return Solvency(held, sum(each.holds for each in found if each.kind in OWED))
