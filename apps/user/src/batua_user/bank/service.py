"""The list of banks, and the wallet's accounts that stand for the world outside."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.ledger import Account
from batua_db.models.wallet import Bank

from .current import bank as the_bank
from .values import BankInfo

# Two that open the same account at once must not open it twice; any number but this would do.
OPENING = 8_316_2001


def refresh() -> int:
    """Take over the bank's list, and open an account for what is held at a new bank."""
    found = the_bank.banks()
    with transaction():
        _one_at_a_time()
        for info in found:
            _keep(info)
    return len(found)


def float_of(code: str) -> UUID:
    """The account of what is held at bank ``code``, opened if it is new to us."""
    query = select(Bank.float_account).where(Bank.code == code)
    if account := db.session.scalar(query):
        return account
    _one_at_a_time()
    _keep(BankInfo(code, name=code, ifsc_prefix=""))
    return db.session.execute(query).scalar_one()


def suspense() -> UUID:
    """The account of money that came but can't be credited."""
    ours = (Account.book == "wallet", Account.kind == "suspense")
    query = select(Account.id).where(*ours, Account.owner.is_(None))  # as the index begins
    if account := db.session.scalar(query):
        return account
    _one_at_a_time()
    return db.session.scalar(query) or ledger.open_account("wallet", "suspense")


def _keep(info: BankInfo) -> None:
    known = db.session.scalar(select(Bank.float_account).where(Bank.code == info.code))
    account = known or ledger.open_account("wallet", f"float:{info.code}", floor=None, hot=True)
    row = insert(Bank).values(
        code=info.code, name=info.name, ifsc_prefix=info.ifsc_prefix, float_account=account
    )
    said = {"name": info.name, "ifsc_prefix": info.ifsc_prefix, "seen_at": func.clock_timestamp()}
    db.session.execute(row.on_conflict_do_update(index_elements=[Bank.code], set_=said))


def _one_at_a_time() -> None:
    """Wait for others who are opening accounts, until this transaction ends."""
    db.session.execute(select(func.pg_advisory_xact_lock(OPENING)))
