"""The list of banks, and the wallet's accounts that stand for the world outside."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.wallet import Bank
from batua_user.house import one_at_a_time

from .current import bank as the_bank
from .values import BankInfo


def refresh() -> int:
    """Take over the bank's list, and open an account for what is held at a new bank."""
    found = the_bank.banks()
    with transaction():
        one_at_a_time()
        for info in found:
            _keep(info)
    return len(found)


def float_of(code: str) -> UUID:
    """The account of what is held at bank ``code``, opened if it is new to us."""
    query = select(Bank.float_account).where(Bank.code == code)
    if account := db.session.scalar(query):
        return account
    one_at_a_time()
    _keep(BankInfo(code, name=code, ifsc_prefix=""))
    return db.session.execute(query).scalar_one()


def _keep(info: BankInfo) -> None:
    known = db.session.scalar(select(Bank.float_account).where(Bank.code == info.code))
    account = known or ledger.open_account("wallet", f"float:{info.code}", floor=None, hot=True)
    row = insert(Bank).values(
        code=info.code, name=info.name, ifsc_prefix=info.ifsc_prefix, float_account=account
    )
    said = {"name": info.name, "ifsc_prefix": info.ifsc_prefix, "seen_at": func.clock_timestamp()}
    db.session.execute(row.on_conflict_do_update(index_elements=[Bank.code], set_=said))
