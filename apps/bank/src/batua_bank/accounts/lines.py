"""Lines of a bank statement: entries of one account, and who was on the other side."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, select, union_all

from batua_db.database import db
from batua_db.models.bank import Payment
from batua_db.models.clients import Client
from batua_db.models.ledger import Entry, Transfer
from batua_db.models.outgoing import Payout, Refund
from batua_db.money import Money

TITLES = {
    "payment": "Paid to {}",
    "payout": "From {}",
    "refund": "Returned by {}",
    "cash": "Cash at the desk",
    "reversal": "Put right by the bank",
}
# What may be chosen: its name in addresses, its title.
GROUPS = {
    "in": "Money in",
    "out": "Money out",
    "payment": "Payments",
    "payout": "Payouts",
    "refund": "Refunds",
    "cash": "Cash",
}
Raw = Row[int, Money, Money, datetime, UUID, str, str, str | None]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a statement; ``version`` counts the rows of the account from 1."""

    version: int
    amount: Money  # above zero: came in
    balance: Money
    at: datetime
    transfer_id: UUID
    kind: str
    note: str
    reference: str
    who: str  # the platform, if there is one

    @property
    def title(self) -> str:
        """What it was, in a few words."""
        return title(self.kind, self.who)

    @property
    def detail(self) -> str:
        """What it was for, and the reference that both sides know it by."""
        return " · ".join(part for part in (self.note, self.reference) if part)

    def belongs(self, group: str | None) -> bool:
        """Whether it is in a group; no group has them all."""
        if group in {"in", "out"}:
            return (self.amount.paise > 0) == (group == "in")
        return group in {None, self.kind}


def title(kind: str, who: str = "") -> str:
    """A kind of movement in words; ``who`` is the platform, if there is one."""
    return TITLES.get(kind, kind.replace("_", " ").capitalize()).format(who or "a platform")


def of_account(account: UUID, low: int, high: int) -> list[Line]:
    """The rows with versions ``(low, high]``, newest first."""
    rows = db.session.execute(
        select(
            Entry.version,
            Entry.amount,
            Entry.balance,
            Entry.created_at,
            Transfer.id,
            Transfer.kind,
            Transfer.note,
            Transfer.details["reference"].astext.label("reference"),
        )
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .where(Entry.account_id == account, Entry.version > low, Entry.version <= high)
        .order_by(Entry.version.desc())
    ).all()
    return _named(rows)


def _named(rows: Sequence[Raw]) -> list[Line]:
    platforms = _platforms({row.id for row in rows})
    return [
        Line(
            version=row.version,
            amount=row.amount,
            balance=row.balance,
            at=row.created_at,
            transfer_id=row.id,
            kind=row.kind,
            note=row.note,
            reference=row.reference or "",
            who=platforms.get(row.id, ""),
        )
        for row in rows
    ]


def _platforms(transfers: Collection[UUID]) -> dict[UUID, str]:
    """The platform that each of these transfers was with; asked once for all of them."""
    if not transfers:
        return {}
    made = union_all(
        *(
            select(table.transfer_id, Client.name)
            .join(Client, Client.id == table.client)
            .where(table.transfer_id.in_(transfers))
            for table in (Payment, Payout, Refund)
        )
    )
    return {transfer: name for transfer, name in db.session.execute(made) if transfer}
