"""Reads that only the API needs."""

from uuid import UUID

from sqlalchemy import select

from batua_db.database import db
from batua_db.models.bank import Bank


def banks() -> list[Bank]:
    """All banks, by code."""
    return list(db.session.scalars(select(Bank).order_by(Bank.code)))


def platform_account(bank_code: str) -> UUID | None:
    """The platform's own account at a bank."""
    return db.session.scalar(select(Bank.platform_account).where(Bank.code == bank_code))
