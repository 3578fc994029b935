"""The wallet's own accounts in the ledger: one each, opened when they are first needed."""

from uuid import UUID

from sqlalchemy import func, select

from batua_db import ledger
from batua_db.database import db
from batua_db.models.ledger import Account

# Two that open the same account at once must not open it twice; any number but this would do.
OPENING = 8_316_2001


def suspense() -> UUID:
    """Money that came but can't be credited."""
    return _account("suspense")


def in_flight() -> UUID:
    """Money that has left its owner's wallet, and has yet to reach their bank."""
    return _account("in_flight", hot=True)


def fees() -> UUID:
    """What Batua earns."""
    return _account("fees", hot=True)


def one_at_a_time() -> None:
    """Wait for others who are opening accounts, until this transaction ends."""
    db.session.execute(select(func.pg_advisory_xact_lock(OPENING)))


def _account(kind: str, *, hot: bool = False) -> UUID:
    ours = (Account.book == "wallet", Account.kind == kind, Account.owner.is_(None))
    query = select(Account.id).where(*ours)
    if account := db.session.scalar(query):
        return account
    one_at_a_time()
    return db.session.scalar(query) or ledger.open_account("wallet", kind, hot=hot)
