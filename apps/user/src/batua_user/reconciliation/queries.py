"""How our book stands against each bank, as far as the two were read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from batua_db.database import db
from batua_db.models.desk import BankStatement, Difference
from batua_db.models.ledger import Entry, Transfer
from batua_db.models.payments import Payout
from batua_db.models.wallet import Bank, Topup
from batua_db.money import Money
from batua_db.reconciliation import ON_ITS_WAY, Item, Leg, Name, Reconciliation, Side, reconcile
from batua_user.bank.values import read_reference


@dataclass(frozen=True, slots=True)
class Standing:
    """One bank: its statement as far as it was read, and every named difference."""

    bank: Bank
    statement: BankStatement
    found: Reconciliation

    @property
    def late(self) -> bool:
        """Whether something does not explain itself."""
        return bool(self.statement.fault) or any(item.wrong for item in self.found.items)


def standings() -> Sequence[Standing]:
    """Every bank whose statement was ever read, by name."""
    rows = db.session.execute(
        select(Bank, BankStatement)
        .join(BankStatement, BankStatement.bank_code == Bank.code)
        .order_by(Bank.name)
        .execution_options(populate_existing=True)
    )
    return [Standing(bank, statement, _match(bank, statement)) for bank, statement in rows]


def standing(code: str) -> Standing | None:
    """One bank, if its statement was ever read."""
    return next((each for each in standings() if each.bank.code == code), None)


def is_awaited(item: Item) -> bool:
    """Whether one of our operations will book what a bank has moved under a reference."""
    reference = read_reference(item.name.reference)
    ours = (
        select(Payout.id).where(Payout.id == reference, Payout.state == "in_flight"),
        select(Topup.id).where(Topup.id == reference, Topup.state == "captured"),
    )
    return reference is not None and any(db.session.scalar(each) for each in ours)


def _match(bank: Bank, statement: BankStatement) -> Reconciliation:
    now = db.session.scalars(select(func.clock_timestamp())).one()
    mine = select(Difference).where(Difference.bank_code == bank.code)
    rows = db.session.scalars(mine.execution_options(populate_existing=True)).all()
    here = Side(_float(bank, statement), _booked(rows, statement, now), _suspended(bank, now))
    there = Side(statement.balance.paise, _moved(rows, now))
    (found,) = reconcile({bank.code: here}, {bank.code: there}, patience=ON_ITS_WAY)
    return found


def _float(bank: Bank, statement: BankStatement) -> int:
    """What the float's passbook said at the line up to which it was compared."""
    line = (Entry.account_id == bank.float_account, Entry.version == statement.booked)
    return (db.session.scalar(select(Entry.balance).where(*line)) or Money(0)).paise


def _booked(rows: Sequence[Difference], statement: BankStatement, now: datetime) -> dict[Name, Leg]:
    """What our book has; what it got after the bank was last asked, is new."""
    return {
        _name(row): Leg(row.booked.paise, _age(row.booked_at, now, until=statement.read_at))
        for row in rows
        if row.booked and row.booked_at
    }


def _moved(rows: Sequence[Difference], now: datetime) -> dict[Name, Leg]:
    return {
        _name(row): Leg(row.moved.paise, _age(row.moved_at, now))
        for row in rows
        if row.moved and row.moved_at
    }


def _suspended(bank: Bank, now: datetime) -> dict[str, Leg]:
    rows = db.session.execute(
        select(Topup.id, Topup.captured, Transfer.created_at)
        .join(Transfer, Transfer.id == Topup.transfer_id)
        .where(Topup.state == "captured", Transfer.debit_account == bank.float_account)
    )
    return {
        str(topup_id): Leg(captured.paise, _age(at, now))
        for topup_id, captured, at in rows
        if captured
    }


def _name(row: Difference) -> Name:
    return Name(row.reference, row.way == "out")


def _age(at: datetime, now: datetime, *, until: datetime | None = None) -> int:
    if until and at >= until:
        return 0
    return max(0, int((now - at).total_seconds()))


def operations(items: Sequence[Item]) -> dict[str, UUID]:
    """The person whose operation each reference names, where it is one of ours."""
    return owners(item.name.reference for item in items)


def owners(references: Iterable[str]) -> dict[str, UUID]:
    """The same, of references alone."""
    wanted = {read_reference(each) for each in references} - {None}
    found: dict[str, UUID] = {}
    for table in (Topup, Payout):
        rows = db.session.execute(select(table.id, table.user_id).where(table.id.in_(wanted)))
        found.update((str(operation), user_id) for operation, user_id in rows)
    return found
