"""The banks' settlement files: imported once each, in the order of their days, and judged.

Continuous reconciliation reads each line once, within seconds. A file is the same day read
again, whole and fixed by a checksum: so what was changed at the bank afterwards is found, and
what the two books do not have in common is found a second time, from the books themselves.
"""

import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import BinaryIO, Literal
from uuid import UUID

from sqlalchemy import func, select

from batua_config import logs
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.desk import BankStatement
from batua_db.models.ledger import Account
from batua_db.models.statements import SettlementPart
from batua_db.models.wallet import Bank
from batua_db.passbook import ends_before
from batua_ui.days import A_DAY, bounds
from batua_user.bank.client import CLIENT, BankError, BankRefused
from batua_user.bank.current import bank
from batua_user.payouts import service as payouts

from . import keeping, queries
from .fetching import Fetched, fetched
from .matching import Names, Terms, book, carried, judge_day
from .parsing import Expected, Malformed, Reader, Sums
from .queries import Next
from .rereading import reread

log = logs.get(__name__)

CLOSED_AFTER = timedelta(minutes=5)  # midnight, at the earliest
LATE_AFTER = timedelta(hours=6)  # midnight: from then on a day without a file is an alarm
AGAIN_AFTER = timedelta(minutes=10)  # a day that was asked for in vain
DAYS = 40  # in one turn: other tasks wait for theirs


class NotYet(Exception):
    """Another worker was quicker, or the statement has not been read as far as the file goes."""


def import_files() -> int:
    """Import every day that banks have closed; the worker's task. Says how many."""
    with transaction():
        codes = db.session.scalars(select(Bank.code).order_by(Bank.code)).all()
    return sum(import_days(code) for code in codes)


def import_days(code: str) -> int:
    """Import the days of a bank, oldest first, up to one that is not to be had."""
    imported = 0
    while imported < DAYS and _take(code):
        imported += 1
    return imported


def content(file: UUID) -> Iterator[bytes]:
    """A file as it was received, piece by piece; who reads slowly holds nothing open."""
    for place in count():
        at = (SettlementPart.file_id == file, SettlementPart.place == place)
        with transaction():
            piece = db.session.scalar(select(SettlementPart.content).where(*at))
        if piece is None:
            return
        yield zlib.decompress(piece)


def _take(code: str) -> bool:
    """Import the next day, if it is over; says whether it was."""
    with transaction():
        wanted = queries.next_day(code)
    _, over = bounds(wanted.day)
    rests = wanted.tried_at and wanted.now < wanted.tried_at + AGAIN_AFTER
    if wanted.now < over + CLOSED_AFTER or rests:
        return False
    try:
        after = wanted.day - A_DAY if wanted.last else None
        found = bank.settlement_files(code, after=after.isoformat() if after else "0001-01-01")
        first = next(iter(found), None)
        if first and not wanted.last:
            wanted = wanted._replace(day=first.day)
        if not first or first.day != wanted.day:
            return _miss(wanted, "the bank has none" if not first else f"it has {first.day} next")
        return _fetch(wanted, first.checksum)
    except BankError as error:
        return _miss(wanted, f"the bank does not answer: {error}")


def _fetch(wanted: Next, checksum: bytes) -> bool:
    try:
        with fetched(wanted.code, wanted.day) as got:
            try:
                _import(wanted, got, checksum)
            except Malformed as error:
                _alarm(wanted, "refused", str(error), got.file)
                return False
    except Malformed as error:
        _alarm(wanted, "refused", str(error))
        return False
    except BankRefused as error:
        _alarm(wanted, "refused", f"the bank does not give it out: {error.code}")
        return False
    except NotYet:
        return False
    return True


def _miss(wanted: Next, why: str) -> bool:
    if _is_late(wanted):
        _alarm(wanted, "missing", why)
    return False


def _is_late(wanted: Next) -> bool:
    return wanted.now >= bounds(wanted.day)[1] + LATE_AFTER


def _import(wanted: Next, got: Fetched, checksum: bytes) -> None:
    """Read, match and judge a file, all in one transaction: it is imported, or it never was."""
    if not got.is_whole:
        raise Malformed("it is not what its digest says")
    with transaction():
        ledger.fold_account(wanted.account)
    with transaction():
        _claim(wanted)
        before = queries.items_of(wanted.last)
        names = Names(carried(before))
        sums, items = _read(wanted, got.file, names)
        if sums.checksum != checksum:
            raise Malformed("its checksum is not the one that the bank has listed")
        booked, since = _match(wanted, names, sums)
        items += since
        row = keeping.row_of(wanted)
        keeping.sum_up(row, wanted, sums, booked)
        keeping.store(row, got.file, items)
        row.status = "differs" if any(item["wrong"] for item in items) else "matched"
        if new := keeping.new_ones(items, before):
            log.error("a day differs", bank=wanted.code, day=str(wanted.day), count=len(new))
            payouts.halt(keeping.reason(wanted, new))


def _match(wanted: Next, names: Names, sums: Sums) -> tuple[int, list[Terms]]:
    """Hold a day against our float: where the float's day ends, and what is open then."""
    mine = select(Account.version).where(Account.id == wanted.account)
    upto = db.session.scalars(mine).one()
    booked = ends_before(wanted.account, bounds(wanted.day)[1], after=wanted.booked, upto=upto)
    book(names, wanted.account, wanted.booked, booked)
    later = Names(names.open, only=True)
    later.move_later(wanted.code, sums.number)
    book(later, wanted.account, booked, upto)
    return booked, judge_day(names, later, db.session.get_one(BankStatement, wanted.code))


def _claim(wanted: Next) -> None:
    """Have the next day of a bank to oneself until the transaction ends; raises ``NotYet``."""
    lock = func.hashtextextended(f"settlement file of {wanted.code}", 0)
    if not db.session.scalar(select(func.pg_try_advisory_xact_lock(lock))):
        raise NotYet
    if queries.next_day(wanted.code).last != wanted.last:
        raise NotYet


def _read(wanted: Next, file: BinaryIO, names: Names) -> tuple[Sums, list[Terms]]:
    """Add a file's lines to ``names``; what is otherwise than it was read."""
    reader = Reader(file, Expected(wanted.code, CLIENT, wanted.day, wanted.number, wanted.balance))
    statement = db.session.get(BankStatement, wanted.code, populate_existing=True)
    known = int((statement and statement.cursor) or 0)
    found: list[Terms] = []
    for page in reader.pages():
        names.move(page)
        found += reread(wanted.code, page, known=known)
    if statement is None or (known < reader.sums.number and not _is_late(wanted)):
        raise NotYet
    return reader.sums, found


def _alarm(
    wanted: Next, status: Literal["missing", "refused"], why: str, file: BinaryIO | None = None
) -> None:
    """Note that a day can't be had; for each new reason, stop payouts and say so."""
    with transaction(), suppress(NotYet):
        _claim(wanted)
        row = keeping.row_of(wanted)
        if file:
            keeping.store(row, file, [])
        row.checked_at = wanted.now
        if (row.status, row.fault) == (status, why):
            return
        row.status, row.fault = status, why
        log.error("no settlement file", bank=wanted.code, day=str(wanted.day), why=why)
        payouts.halt(f"The settlement file of {wanted.code} for {wanted.day} is {status}: {why}.")
