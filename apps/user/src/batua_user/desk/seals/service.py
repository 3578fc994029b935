"""Verifying the last seals now: the rows behind them, the chain, and the bank's copies."""

from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from sqlalchemy import text

from batua_db.database import db, transaction
from batua_user.bank.client import BankError, BankRefused
from batua_user.bank.current import bank
from batua_user.bank.values import Seal
from batua_user.seals import OURS

# A page can't wait for the whole chain; ``just audit`` proves it.
MOST_BLOCKS, MOST_ENTRIES = 50, 20_000

# Hashed again from the rows themselves, and compared with what was sealed and with the block
# before. The newest block always, and as many before it as the bound admits.
VERIFY = text(
    "WITH newest AS (SELECT b.*, sum(entries) OVER (ORDER BY number DESC) AS total,"
    "  lag(digest) OVER (ORDER BY number) AS before"
    "  FROM ledger.block b WHERE b.book = :book ORDER BY number DESC LIMIT :blocks)"
    " SELECT b.number, b.entries, b.digest, (b.digest = ledger.digest(b.previous, b.book,"
    "  b.number, b.since, b.upto, l.hashes)) IS TRUE"
    "  AND (b.before IS NULL OR b.before = b.previous) AS holds"
    " FROM newest b CROSS JOIN LATERAL ("
    "  SELECT string_agg(hash, '' ORDER BY xact, account_id, version) AS hashes FROM ("
    "   SELECT * FROM ledger.leaf WHERE leaf.book = b.book AND leaf.xact >= b.since"
    "   AND leaf.xact < b.upto OFFSET 0) rows) l"
    " WHERE b.total <= :entries OR b.total = b.entries ORDER BY b.number DESC"
)
Copies = Literal["agree", "differ", "unknown"]


@dataclass(frozen=True, slots=True)
class Verified:
    """How many blocks and entries were looked at, which do not hold, and the bank's copies."""

    blocks: int
    entries: int
    broken: list[int]
    copies: Copies

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.broken and self.copies != "differ"


def verify() -> Verified:
    """Verify the last seals, within bounds. It changes nothing, here or at the bank."""
    bounds = {"book": OURS, "blocks": MOST_BLOCKS, "entries": MOST_ENTRIES}
    with transaction():
        rows = db.session.execute(VERIFY, bounds).all()
    seals = [Seal(OURS, row.number, bytes(row.digest)) for row in rows]
    return Verified(
        blocks=len(rows),
        entries=sum(row.entries for row in rows),
        broken=[row.number for row in rows if not row.holds],
        copies=_ask(seals),
    )


def _ask(seals: list[Seal]) -> Copies:
    """Show the bank our digests: it says no if it kept others."""
    if not seals:
        return "agree"
    try:
        bank.send_seals(seals, key=f"verify:{uuid4()}")
    except BankRefused as error:
        return "differ" if error.code == "seal_differs" else "unknown"
    except BankError:
        return "unknown"
    return "agree"
