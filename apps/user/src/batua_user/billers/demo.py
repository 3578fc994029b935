"""Billers for development: every one of the catalogue."""

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.payments import Biller

from .catalogue import LISTINGS


def seed() -> None:
    """Open an account for each biller that has none yet."""
    for listing in LISTINGS.values():
        with transaction():
            if db.session.get(Biller, listing.code) is None:
                account = ledger.open_account("wallet", "biller", hot=True)
                db.session.add(
                    Biller(
                        code=listing.code,
                        name=listing.name,
                        category=listing.category.id,
                        account_id=account,
                    )
                )
