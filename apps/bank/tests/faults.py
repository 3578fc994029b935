"""Faults of the simulator, for tests of it."""

from typing import Any, get_args
from uuid import UUID, uuid4

from batua_bank import demo
from batua_bank.simulator.service import Wanted, switch_on
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.simulator import Fault, What
from batua_db.money import Money

ASHA = demo.CUSTOMERS[0]
WHATS: tuple[What, ...] = get_args(What)


def on(what: What, **wanted: Any) -> Any:
    """Switch a fault on, for all of SBB unless something else is named."""
    scope = {} if {"reference", "client", "bank"} & set(wanted) else {"bank": "SBB"}
    return switch_on(Wanted(what=what, **scope, **wanted), by="a test")


def fired() -> list[int]:
    db.session.expire_all()
    return [fault.fired for fault in db.session.query(Fault).order_by(Fault.created_at)]


def order(**changes: Any) -> dict[str, Any]:
    return {
        "amount": 500_00,
        "currency": "INR",
        "bank": "SBB",
        "account_number": ASHA.account,
        "ifsc": ASHA.bank.ifsc,
        "holder": ASHA.name,
        "reference": str(uuid4()),
        **changes,
    }


def collect(account: UUID, platform: UUID) -> None:
    """Let the platform have collected ₹2,000."""
    with transaction():
        ledger.move(Money(2_000_00), debit=account, credit=platform, kind="payment", key="first")
