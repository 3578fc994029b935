"""What the page of books reads: our book by kind, the banks as far as they tell, the limits."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from batua_db.database import db
from batua_db.models.people import LimitRule
from batua_user.limits.periods import today
from batua_user.reconciliation.queries import Standing, standings
from batua_user.reconciliation.totals import Solvency, Total, solvency, totals

LABELS = {
    "person": "People",
    "merchant": "Businesses",
    "biller": "Billers",
    "fees": "Batua’s fees",
    "in_flight": "On its way to banks",
    "suspense": "In suspense",
}
LIMITS = {
    "load_month": "Add from a bank, a month",
    "load_year": "Add from a bank, a financial year",
    "balance": "Hold at any time",
    "send_month": "Send to new payees, a month",
    "send_payee_month": "Send to a registered payee, a month",
    "new_device_day": "Send and withdraw in the first day on a new device",
}


@dataclass(frozen=True, slots=True)
class Books:
    """Our book, and each bank's account of ours as its statement has it."""

    totals: Sequence[Total]
    standings: Sequence[Standing]
    solvency: Solvency

    @property
    def sum(self) -> int:
        """What all accounts sum to: zero, or a leg is missing."""
        return sum(each.holds for each in self.totals)

    @property
    def waits(self) -> int:
        """What waits on hot accounts, in sum."""
        return sum(each.waits for each in self.totals)

    @property
    def transfers(self) -> int:
        """How many there are: each has two legs, booked or waiting."""
        return sum(each.entries + each.legs for each in self.totals) // 2

    def label(self, total: Total) -> str:
        """A kind of account in words."""
        names = {each.bank.code: each.bank.name for each in self.standings}
        code = total.name.partition(":")[2]
        return LABELS.get(total.kind) or f"Held at {names.get(code, code)} (float)"


@dataclass(frozen=True, slots=True)
class Rule:
    """A dated limit, and whether it holds today."""

    row: LimitRule
    holds: bool

    @property
    def label(self) -> str:
        """What it limits."""
        return LIMITS[self.row.what]


def books() -> Books:
    """Both sides, as they are now."""
    ours, theirs = totals(), standings()
    return Books(ours, theirs, solvency(theirs, ours))


def rules() -> Sequence[Rule]:
    """Every limit there is or was; of each the latest that has begun holds."""
    order = (LimitRule.tier.desc(), LimitRule.what, LimitRule.valid_from)
    rows = db.session.scalars(select(LimitRule).order_by(*order)).all()
    begun = {(row.tier, row.what): row for row in rows if row.valid_from <= today()}
    return [Rule(row, row is begun.get((row.tier, row.what))) for row in rows]
