"""Demo people, billers, businesses and staff, for development only; safe to run twice."""

from uuid import uuid4

from sqlalchemy import func, select

from batua_config.current import settings
from batua_config.settings import load
from batua_db import credentials, ledger
from batua_db.database import db, transaction
from batua_db.models.wallet import Tier, User
from batua_user.billers import demo as billers
from batua_user.desk import demo as desk
from batua_user.merchants import demo as merchants

PASSWORD = "batua-demo-1"  # noqa: S105
PIN = "246810"
PEOPLE: tuple[tuple[str, str, Tier], ...] = (
    ("+919876500001", "Asha Rao", "full"),
    ("+919876500002", "Ravi Kumar", "full"),
    ("+919876500003", "Meena Iyer", "small"),
)


def seed() -> None:
    """Make the demo people, billers, businesses and staff who are not there yet.

    People begin with nothing in their wallets.
    """
    if settings.production:
        raise RuntimeError("demo people have passwords that everybody knows")
    for phone, name, tier in (*PEOPLE, *merchants.OWNERS):
        with transaction():
            if db.session.scalar(select(User.id).where(User.phone == phone)) is None:
                _add(phone, name, tier)
    billers.seed()
    merchants.seed()
    desk.seed()


def _add(phone: str, name: str, tier: Tier) -> None:
    user_id = uuid4()
    db.session.add(
        User(
            id=user_id,
            account_id=ledger.open_account("wallet", "person", owner=user_id),
            name=name,
            phone=phone,
            password_hash=credentials.hash_password(PASSWORD),
            pin_hash=credentials.hash_pin(PIN),
            pin_set_at=func.clock_timestamp(),
            tier=tier,
        )
    )


def main() -> None:
    """Seed an installation for trying things out; does nothing in production."""
    from . import create_app

    loaded = load()
    if not loaded.production:
        with create_app(loaded).app_context():
            seed()


if __name__ == "__main__":
    main()
