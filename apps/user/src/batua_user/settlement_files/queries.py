"""What is known of the days of a bank."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from batua_db.database import db
from batua_db.models.ledger import Account
from batua_db.models.statements import SettlementFile, SettlementItem
from batua_db.models.wallet import Bank
from batua_db.money import Money
from batua_ui.days import A_DAY, day_of

IMPORTED = ("matched", "differs")


class Next(NamedTuple):
    """Where the next day of a bank goes on; ``last`` is the file of the day before, if any."""

    code: str
    account: UUID  # our float
    day: date
    number: int
    balance: Money
    booked: int
    last: UUID | None
    tried_at: datetime | None  # when it was asked for in vain
    now: datetime


def next_day(code: str) -> Next:
    """The day that is to be imported next. The first is only a guess: the bank knows."""
    last = last_imported(code)
    account = db.session.scalars(select(Bank.float_account).where(Bank.code == code)).one()
    if last:
        day, at = last.day + A_DAY, (last.number, last.closing, last.booked, last.id)
    else:
        opened = db.session.scalars(select(Account.created_at).where(Account.id == account)).one()
        day, at = day_of(opened), (0, Money(0), 0, None)
    tried = db.session.scalar(
        select(SettlementFile.checked_at)
        .where(SettlementFile.bank_code == code, SettlementFile.status.not_in(IMPORTED))
        .order_by(SettlementFile.day.desc())
        .limit(1)
    )
    now = db.session.scalars(select(func.clock_timestamp())).one()
    return Next(code, account, day, *at, tried, now)


def last_imported(code: str) -> SettlementFile | None:
    """The last day that was imported."""
    mine = (SettlementFile.bank_code == code, SettlementFile.status.in_(IMPORTED))
    query = select(SettlementFile).where(*mine).order_by(SettlementFile.day.desc()).limit(1)
    return db.session.scalars(query.execution_options(populate_existing=True)).first()


def items_of(file: UUID | None) -> Sequence[SettlementItem]:
    """What a day's file and our book do not have in common; what is wrong first."""
    mine = select(SettlementItem).where(SettlementItem.file_id == file)
    order = (SettlementItem.wrong.desc(), SettlementItem.at, SettlementItem.id)
    return db.session.scalars(mine.order_by(*order)).all()


def days(code: str, *, most: int) -> Sequence[SettlementFile]:
    """The last days of a bank, the newest first."""
    mine = select(SettlementFile).where(SettlementFile.bank_code == code)
    return db.session.scalars(mine.order_by(SettlementFile.day.desc()).limit(most)).all()


def differences(files: Sequence[SettlementFile]) -> dict[UUID, int]:
    """How many differences of each file nothing explains; of those that have any."""
    wrong = (SettlementItem.file_id.in_([each.id for each in files]), SettlementItem.wrong)
    counts = select(SettlementItem.file_id, func.count()).where(*wrong)
    return dict(db.session.execute(counts.group_by(SettlementItem.file_id)).all())


def waiting() -> int:
    """What a person has to look at: days that can't be had, and what the last ones left open."""
    bad = select(func.count()).where(SettlementFile.status.not_in(IMPORTED))
    codes = db.session.scalars(select(Bank.code)).all()
    last = [file for code in codes if (file := last_imported(code))]
    return (db.session.scalar(bad) or 0) + sum(differences(last).values())
