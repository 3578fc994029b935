"""Opening a bank: its row, its cash, and an account at it for every platform."""

from sqlalchemy import exists, or_, select
from sqlalchemy.dialects.postgresql import insert

from batua_bank.clients import registry
from batua_bank.desk import acts
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import Refused
from batua_db.models.bank import Bank
from batua_db.models.bank_desk import Staff


def open_bank(staff: Staff, *, code: str, name: str, ifsc_prefix: str, reason: str) -> None:
    """Open a bank; raises ``Refused`` where its code or its IFSC is another's."""
    with transaction():
        taken = exists().where(or_(Bank.code == code, Bank.ifsc_prefix == ifsc_prefix))
        cash = ledger.open_account("bank", "cash", floor=None)
        row = insert(Bank).values(code=code, name=name, ifsc_prefix=ifsc_prefix, cash_account=cash)
        if db.session.scalar(select(taken)) or not db.session.scalar(
            row.on_conflict_do_nothing().returning(Bank.code)
        ):
            raise Refused("Another bank of ours has this code, or this IFSC.", field="code")
        registry.open_platforms()
        acts.record(staff, "open_bank", code, reason)
