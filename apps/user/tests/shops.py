"""Businesses, how they are paid, and what that leaves behind."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.ledger import Transfer
from batua_db.models.payments import Merchant, Payment
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_dev.client import FreshClient

from .helpers import PIN


def open_shop(owner: User, name: str = "Iyer Tiffin", **other: Any) -> Merchant:
    """A business, approved unless told otherwise."""
    known = {"category": "food", "state": "approved", **other}
    with transaction():
        account = ledger.open_account("wallet", "merchant", owner=owner.id, hot=True)
        shop = Merchant(
            id=uuid4(), user_id=owner.id, account_id=account, business_name=name, **known
        )
        db.session.add(shop)
    return shop


def order(browser: FreshClient, shop: Merchant, amount: str = "120", **more: str) -> str:
    """Send the form of paying a business, up to the PIN."""
    answer = browser.submit(f"/pay/{shop.id}", **{"amount": amount, "note": "", **more})
    assert answer.status_code == 303, answer.text
    return answer.location


def pay(browser: FreshClient, shop: Merchant, amount: str = "120") -> UUID:
    """Pay a business; returns the payment."""
    where = order(browser, shop, amount)
    assert browser.submit(where, pin=PIN).status_code == 303
    return id_of(where)


def id_of(where: str) -> UUID:
    return UUID(where.partition("?")[0].rpartition("/")[2])


def takings(shop: Merchant) -> Money:
    with transaction():
        return ledger.balance(shop.account_id)


def payment_of(payment_id: UUID) -> Payment:
    db.session.commit()
    db.session.expire_all()
    return db.session.get_one(Payment, payment_id)


def moves(*kinds: str) -> list[tuple[str, Money]]:
    """What was moved, kind and amount."""
    with transaction():
        rows = db.session.execute(
            select(Transfer.kind, Transfer.amount)
            .where(Transfer.kind.in_(kinds), Transfer.book == "wallet")
            .order_by(Transfer.created_at)
        )
        return [(row.kind, row.amount) for row in rows]
