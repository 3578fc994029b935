"""The bank's side: its statement of our account there, read from where we were, and checked.

A statement adds up: its lines are numbered without a gap, each has the balance after it, and
the last one's is what the bank says we have. What was read once stays as it was read.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from batua_config import logs
from batua_db.database import db, transaction
from batua_db.models.desk import BankEntry, BankStatement
from batua_db.money import Money
from batua_db.reconciliation import name_of
from batua_user.bank.current import bank
from batua_user.bank.values import StatementLine
from batua_user.payouts import service as payouts

from .differences import Movement, add, hold, start_over

log = logs.get(__name__)

PAGES = 10  # in one turn: others wait for theirs


class Position(NamedTuple):
    """A line of a statement, and the balance after it."""

    number: int
    balance: Money


class Broken(Exception):
    """A statement that can't be true; ``rewritten`` if it is not the one that was read."""

    def __init__(self, why: str, *, rewritten: bool = False) -> None:
        super().__init__(why)
        self.rewritten = rewritten


def read(code: str) -> bool:
    """Read what is new; says whether all was read. Raises ``BankError``.

    A statement that can't be true stops payouts. If it is another one than was read, all
    of it is read again: what our book has and it has not, is found so.
    """
    asked_at, at = _begin(code)
    try:
        return _read(code, asked_at, at)
    except Broken as error:
        _stop(code, error)
        return False


def check(at: Position, lines: Sequence[StatementLine], *, until: int) -> list[StatementLine]:
    """The lines that follow ``at``, up to number ``until``; raises ``Broken``.

    The line at ``at`` itself comes first, to see that it is still the one that was read.
    """
    if at.number:
        if not lines or (lines[0].number, lines[0].balance) != at:
            raise Broken(f"line {at.number} is not as it was read", rewritten=True)
        lines = lines[1:]
    new = [line for line in lines if line.number <= until]
    if not new:
        raise Broken(f"line {at.number + 1} of {until} is missing")
    for line in new:
        if (line.number, line.balance) != (at.number + 1, at.balance + line.amount):
            raise Broken(f"line {line.number} does not add up")
        at = Position(line.number, line.balance)
    return new


def _begin(code: str) -> tuple[datetime, Position]:
    with transaction():
        statement = hold(code)
        asked_at = db.session.scalars(select(func.clock_timestamp())).one()
        return asked_at, _position(statement)


def _position(statement: BankStatement) -> Position:
    return Position(int(statement.cursor or 0), statement.balance)


def _read(code: str, asked_at: datetime, at: Position) -> bool:
    end = bank.settlement(code)
    if end.number < at.number:
        raise Broken(f"it ends at line {end.number}, and had {at.number}", rewritten=True)
    for _ in range(PAGES):
        if at.number == end.number:
            break
        lines = bank.statement(code, after=max(at.number - 1, 0))
        if at.number and lines and not _known(code, lines[0].id):
            raise Broken(f"line {at.number} is another than was read", rewritten=True)
        new = check(at, lines, until=end.number)
        if not _keep(code, at, new):
            return False
        at = Position(new[-1].number, new[-1].balance)
    if at.number == end.number and at.balance != end.balance:
        raise Broken(f"its lines sum to {at.balance}, and it says {end.balance}")
    return at.number == end.number and _finish(code, asked_at, at)


def _keep(code: str, at: Position, lines: Sequence[StatementLine]) -> bool:
    """Keep lines once, and only if nobody else has read on meanwhile."""
    with transaction():
        statement = hold(code)
        if _position(statement) != at:
            return False
        rows = [_as_row(code, line) for line in lines]
        db.session.execute(insert(BankEntry).on_conflict_do_nothing(), rows)
        add(code, "moved", [
            Movement(name_of(line.reference, line.id), line.amount.paise, line.at)
            for line in lines
        ])  # fmt: skip
        statement.cursor, statement.balance = str(lines[-1].number), lines[-1].balance
    return True


def _finish(code: str, asked_at: datetime, at: Position) -> bool:
    with transaction():
        statement = hold(code)
        if _position(statement) != at:
            return False
        statement.read_at, statement.complete, statement.fault = asked_at, True, ""
    return True


def _stop(code: str, broken: Broken) -> None:
    with transaction():
        statement = hold(code)
        if statement.fault != str(broken):
            log.error("a bank's statement can't be true", bank=code, why=str(broken))
        statement.fault = str(broken)
        if broken.rewritten:
            start_over(code)
        payouts.halt(f"The statement of {code} can’t be true: {broken}.")


def _known(code: str, entry_id: str) -> bool:
    with transaction():
        return db.session.get(BankEntry, (code, entry_id)) is not None


def _as_row(code: str, line: StatementLine) -> dict[str, object]:
    return {
        "bank_code": code,
        "entry_id": line.id,
        "number": line.number,
        "reference": line.reference,
        "kind": line.kind,
        "amount": line.amount,
        "happened_at": line.at,
    }
