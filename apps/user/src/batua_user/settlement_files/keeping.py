"""What is kept of a day, and in which words its alarm is given."""

from collections.abc import Sequence
from typing import BinaryIO

from sqlalchemy import delete, insert, select

from batua_db.database import db
from batua_db.models.statements import SettlementFile, SettlementItem, SettlementPart
from batua_db.money import Money
from batua_db.reconciliation import Name

from .fetching import parts
from .matching import Terms
from .parsing import Sums
from .queries import Next


def row_of(wanted: Next) -> SettlementFile:
    """The row of a day, made if it is new. The caller has claimed the day."""
    mine = (SettlementFile.bank_code == wanted.code, SettlementFile.day == wanted.day)
    row = db.session.scalars(select(SettlementFile).where(*mine)).first()
    if row is None:
        row = SettlementFile(bank_code=wanted.code, day=wanted.day, status="missing", fault="")
        db.session.add(row)
        db.session.flush()
    return row


def sum_up(row: SettlementFile, wanted: Next, sums: Sums, booked: int) -> None:
    """Note what a file was found to say, and where the next day goes on."""
    row.fault, row.checksum, row.count = "", sums.checksum, sums.count
    row.sum_in, row.sum_out = Money(sums.sum_in), Money(sums.sum_out)
    row.opening, row.closing = wanted.balance, Money(sums.closing)
    row.number, row.booked, row.checked_at = sums.number, booked, wanted.now


def store(row: SettlementFile, file: BinaryIO, items: Sequence[Terms]) -> None:
    """Keep a file as it was received, in place of an earlier try, and what differs."""
    db.session.execute(delete(SettlementPart).where(SettlementPart.file_id == row.id))
    for place, content in enumerate(parts(file)):
        terms = {"file_id": row.id, "place": place, "content": content}
        db.session.execute(insert(SettlementPart), terms)
    if items:
        db.session.execute(insert(SettlementItem), [{**each, "file_id": row.id} for each in items])


def new_ones(items: Sequence[Terms], before: Sequence[SettlementItem]) -> list[Terms]:
    """What is wrong, and was not already so at the end of the day before."""
    known = {(each.reference, each.way, each.moved, each.booked) for each in before if each.wrong}
    return [
        item
        for item in items
        if item["wrong"]
        and (item["line"] or (item["reference"], item["way"], item["moved"], item["booked"]))
        not in known
    ]


def reason(wanted: Next, new: Sequence[Terms]) -> str:
    """Why payouts are stopped, in words."""
    first, more = new[0], len(new) - 1
    name = Name(str(first["reference"]), first["way"] == "out")
    said = f"{first['what']}, reference {name}: {first['moved']} in the file,"
    said += f" {first['booked']} {'as it was read' if first['line'] else 'booked'}"
    others = f", and {more} more" if more else ""
    return f"The settlement file of {wanted.code} for {wanted.day}: {said}{others}."
