"""What this bank keeps of the wallet's seals, and gives of its own."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert

from batua_bank.clients import registry
from batua_config import logs
from batua_db.database import db
from batua_db.errors import Conflict, Refused
from batua_db.models.bank import Witness
from batua_db.models.ledger import Block

log = logs.get(__name__)

OWN = "bank"


class Digest(NamedTuple):
    """The digest of one block."""

    book: str
    number: int
    digest: bytes


class SealDiffers(Conflict):
    """Another digest is kept of this block: somebody rewrote a book."""

    code = "seal_differs"

    def __init__(self, number: int) -> None:
        super().__init__(
            f"Block {number} had another digest before. One of the two books was changed:"
            " audit both before you do anything else.",
            field="digest",
        )


class OwnBook(Refused):
    """A book is not witness to itself."""

    code = "own_book"

    def __init__(self) -> None:
        super().__init__("The bank’s own seals are not kept by the bank.", field="book")


class NotWitnessed(Refused):
    """A client without a book of the house's: its digests would pass for the wallet's."""

    code = "not_witnessed"

    def __init__(self) -> None:
        super().__init__("This bank is witness to the wallet’s book only.", field="book")


def keep(client: str, digests: Iterable[Digest]) -> int:
    """Keep digests of the wallet's blocks, once each; the caller commits."""
    if client != registry.WALLET:
        raise NotWitnessed
    given = {(each.book, each.number): each.digest for each in digests}
    if any(book == OWN for book, _ in given):
        raise OwnBook
    rows = [
        {"book": book, "number": number, "digest": digest}
        for (book, number), digest in given.items()
    ]
    db.session.execute(insert(Witness).values(rows).on_conflict_do_nothing())
    kept = db.session.execute(
        select(Witness.book, Witness.number, Witness.digest).where(
            tuple_(Witness.book, Witness.number).in_(list(given))
        )
    )
    for book, number, digest in kept:
        if given[book, number] != digest:
            log.error("a seal differs from what was kept", book=book, block=number)
            raise SealDiffers(number)
    return len(rows)


def own(after: int, most: int) -> list[Digest]:
    """At most so many of the bank's own digests after block ``after``, in order."""
    rows = db.session.execute(
        select(Block.book, Block.number, Block.digest)
        .where(Block.book == OWN, Block.number > after)
        .order_by(Block.number)
        .limit(most)
    )
    return [Digest(*row) for row in rows]
