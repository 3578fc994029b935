"""Seals: our book's, and the digests that the two apps keep of each other's.

Whoever rewrites a whole chain is only caught by a copy that is kept elsewhere.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from batua_config import logs
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.ledger import Block
from batua_db.models.wallet import Witness

from .bank.client import BankError, BankRefused
from .bank.current import bank
from .bank.values import Seal

log = logs.get(__name__)

OURS, THEIRS = "wallet", "bank"
AT_ONCE = 200


def seal() -> int:
    """Seal what was booked since the last time."""
    return len(ledger.seal(OURS))


def exchange() -> int:
    """Give the bank our new digests, and keep its own, whatever becomes of ours there."""
    return _attempt(_give) + _attempt(_keep)


def _attempt(part: Callable[[], int]) -> int:
    try:
        return part()
    except BankRefused as error:
        log.error("the bank refuses our seals", code=error.code)
    except BankError as error:
        log.warning("no seals exchanged", reason=str(error))
    return 0


def _give() -> int:
    """Send what the bank has not confirmed; what it has is noted beside its own digests."""
    with transaction():
        new = db.session.execute(
            select(Block.number, Block.digest)
            .where(Block.book == OURS, Block.number > _last(OURS))
            .order_by(Block.number)
            .limit(AT_ONCE)
        )
        seals = [Seal(OURS, number, bytes(digest)) for number, digest in new]
    if seals:
        first, last = seals[0], seals[-1]
        key = f"seals:{first.number}-{last.number}:{last.digest.hex()[:16]}"
        bank.send_seals(seals, key=key)
        _note(seals)
    return len(seals)


def _keep() -> int:
    with transaction():
        after = db.session.scalar(select(_last(THEIRS))) or 0
    seals = [each for each in bank.seals(after) if each.book == THEIRS]
    if seals:
        _note(seals)
    return len(seals)


def _last(book: str) -> Any:
    last = select(func.coalesce(func.max(Witness.number), 0)).where(Witness.book == book)
    return last.scalar_subquery()


def _note(seals: Sequence[Seal]) -> None:
    rows = [{"book": each.book, "number": each.number, "digest": each.digest} for each in seals]
    with transaction():
        db.session.execute(insert(Witness).values(rows).on_conflict_do_nothing())
