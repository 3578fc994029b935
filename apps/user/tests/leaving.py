"""Money that leaves a wallet for a bank, without a bank."""

from uuid import UUID, uuid4

from sqlalchemy import func
from werkzeug.test import TestResponse

from batua_db import fields
from batua_db.database import db, transaction
from batua_db.models.payments import LinkedAccount
from batua_db.models.wallet import User
from batua_dev.client import FreshClient

from .helpers import PIN


def linked(user: User) -> UUID:
    """A bank account of theirs, as if the bank had confirmed it."""
    number, id_ = "018100004471", uuid4()
    with transaction():
        db.session.add(
            LinkedAccount(
                id=id_,
                user_id=user.id,
                bank_code="SBB",
                ifsc="SBBT0000181",
                holder=user.name,
                number_sealed=fields.seal(number),
                number_hash=fields.fingerprint(number),
                last_digits=number[-4:],
                usable_at=func.now(),
            )
        )
    return id_


def withdraw(browser: FreshClient, account: UUID, amount: str) -> TestResponse:
    asked = browser.submit("/withdraw", amount=amount, bank_account=str(account))
    assert asked.status_code == 303, asked.text
    return browser.submit(asked.location, pin=PIN)
