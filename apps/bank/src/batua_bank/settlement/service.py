"""Days of platforms' accounts: closed once nothing of them can still be booked, then fixed.

A line is timed while its account is held. So who holds the account after midnight knows
that each line of the day before is committed, and that no more will come.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from batua_bank.clients import registry
from batua_config import logs
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import Conflict, NotFound
from batua_db.models.clients import Platform
from batua_db.models.ledger import Account
from batua_db.models.outgoing import SettlementFile
from batua_db.money import Money
from batua_db.passbook import ends_before
from batua_ui.days import A_DAY, bounds, day_of

from . import queries
from .files import Head, Writer
from .queries import PlatformEntry

log = logs.get(__name__)

CLOSES_AFTER = timedelta(minutes=5)  # midnight: the clocks of servers differ a little
PAGE = 2000


class Altered(Conflict):
    """A closed day is no longer what it was: somebody wrote in the book by hand."""

    code = "settlement_file_altered"

    def __init__(self) -> None:
        super().__init__("This day is no longer what it was when it was closed; we look into it.")


class Own(NamedTuple):
    """A platform's account at a bank."""

    client: str
    bank: str
    account: UUID


class Begun(NamedTuple):
    """Where a day begins: its date, the number of the line before it, and paise."""

    day: date
    after: int
    opening: int


def close_days() -> int:
    """Close each day that is over, of every platform; the worker's task. Says how many."""
    with transaction():
        columns = (Platform.client_id, Platform.bank_code, Platform.account_id)
        owners = [Own(*row) for row in db.session.execute(select(*columns))]
    return sum(_close_due(own) for own in owners)


def read_file(client: str, bank: str, day: date) -> tuple[SettlementFile, Iterator[bytes]]:
    """What a closed day must be, and the file in pieces; raises ``NotFound``, ``Altered``.

    The whole is made once and compared before its first piece is given away.
    """
    with transaction():
        row = db.session.get(SettlementFile, (client, bank, day))
        if row is None:
            raise NotFound("There is no such file. A day has one some minutes after it is over.")
        own = Own(client, bank, registry.platform_account(client, bank))
        db.session.expunge(row)
    begun = Begun(day, row.last_number - row.count, row.opening.paise)
    if _made(own, begun, row.last_number)["digest"] != row.digest:
        log.error("a closed day is no longer what it was", client=client, bank=bank, day=str(day))
        raise Altered
    return row, _writer(own, begun).write(_pages(own.account, begun.after, row.last_number))


def _close_due(own: Own) -> int:
    closed = 0
    while begun := _begin(own):
        closed += _close(own, begun)
    return closed


def _begin(own: Own) -> Begun | None:
    """The day to be closed next, if it is over."""
    with transaction():
        last = queries.last_closed(own.client, own.bank)
        if last:
            begun = Begun(last.day + A_DAY, last.last_number, last.closing.paise)
        else:
            opened = db.session.get_one(Account, own.account).created_at
            begun = Begun(day_of(opened), 0, 0)
        now = db.session.scalars(select(func.clock_timestamp())).one()
    _, over = bounds(begun.day)
    return begun if now >= over + CLOSES_AFTER else None


def _close(own: Own, begun: Begun) -> bool:
    """Fix what a day was; says whether it is this worker that did."""
    _look_back(own, begun)
    with transaction():
        ledger.fold_account(own.account)
        end = db.session.scalars(select(Account.version).where(Account.id == own.account)).one()
    _, over = bounds(begun.day)
    with transaction():
        last = ends_before(own.account, over, after=begun.after, upto=end)
    made = _made(own, begun, last)
    with transaction():
        row = insert(SettlementFile).values(made).on_conflict_do_nothing()
        return db.session.scalar(row.returning(SettlementFile.day)) is not None


def _look_back(own: Own, begun: Begun) -> None:
    """See that the day before is still what it was; if not, that is logged, and refused later."""
    with transaction():
        before = queries.last_closed(own.client, own.bank, before=begun.day)
    if before:
        try:
            read_file(own.client, own.bank, begun.day - A_DAY)
        except Altered:
            return


def _made(own: Own, begun: Begun, last: int) -> dict[str, object]:
    writer = _writer(own, begun)
    for _ in writer.write(_pages(own.account, begun.after, last)):
        pass  # only its sums are wanted
    return {
        "client_id": own.client,
        "bank_code": own.bank,
        "day": begun.day,
        "last_number": last,
        "count": writer.count,
        "sum_in": Money(writer.sum_in),
        "sum_out": Money(writer.sum_out),
        "opening": Money(begun.opening),
        "closing": Money(writer.closing),
        "checksum": writer.checksum,
        "digest": writer.digest,
        "size": writer.size,
    }


def _writer(own: Own, begun: Begun) -> Writer:
    return Writer(Head(own.bank, own.client, begun.day, begun.opening))


def _pages(account: UUID, after: int, upto: int) -> Iterator[Sequence[PlatformEntry]]:
    """The lines of a day, in short transactions: nobody who reads slowly holds one open."""
    while after < upto:
        with transaction():
            page = queries.entries(account, after=after, most=PAGE, upto=upto)
        if not page:
            return
        yield page
        after = page[-1].number
