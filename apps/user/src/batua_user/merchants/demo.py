"""Businesses for development: approved, and each with an owner of its own."""

from uuid import UUID, uuid4

from sqlalchemy import select

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.payments import Merchant
from batua_db.models.wallet import Tier, User

SHOPS = (
    ("+919876500011", "Kavita Nair", "Nair Tea Stall", "tea"),
    ("+919876500012", "Farhan Ali", "Blossom Books", "books"),
    ("+919876500013", "Sunita Joshi", "Anand Medicals", "pharmacy"),
    ("+919876500014", "Suresh Gowda", "Gowda Kirana & General Stores", "groceries"),
)
OWNERS: tuple[tuple[str, str, Tier], ...] = tuple(
    (phone, owner, "full") for phone, owner, _, _ in SHOPS
)


def seed() -> None:
    """Start the business of each owner who has none yet."""
    for phone, _, business_name, category in SHOPS:
        with transaction():
            owner = db.session.scalars(select(User.id).where(User.phone == phone)).one()
            known = select(Merchant.id).where(Merchant.user_id == owner)
            if db.session.scalar(known) is None:
                _add(owner, business_name, category)


def _add(owner: UUID, business_name: str, category: str) -> None:
    db.session.add(
        Merchant(
            id=uuid4(),
            user_id=owner,
            account_id=ledger.open_account("wallet", "merchant", owner=owner, hot=True),
            business_name=business_name,
            category=category,
            state="approved",
        )
    )
