"""Who works at the desk, and what they press there."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from werkzeug.test import TestResponse

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.desk import Act, Staff
from batua_db.models.payments import Merchant
from batua_db.models.statements import SettlementFile, SettlementItem
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_dev.client import FreshClient
from batua_user.transfers import service as transfers

from .helpers import PIN, MakeTopup
from .the_bank import TheBank

STAFF_PASSWORD = "a lamp on every desk"

MakeStaff = Callable[..., Staff]
AtDesk = Callable[[Staff], FreshClient]


def enter(client: FreshClient, username: str, password: str = STAFF_PASSWORD) -> TestResponse:
    """Sign in at the desk's door."""
    return client.submit("/desk/login", username=username, password=password)


def acts(subject: UUID | None = None) -> Sequence[Act]:
    """What is on record, oldest first; of one subject, or all of it."""
    db.session.commit()
    query = select(Act).order_by(Act.created_at)
    return db.session.scalars(query.where(Act.subject == subject) if subject else query).all()


def sent(sender: User, payee: User, amount: str) -> UUID:
    """Send money with the PIN; returns the transfer."""
    key = uuid4()
    transfers.prepare(sender, phone=payee.phone, amount=Money.parse(amount), note="Dosa", key=key)
    return transfers.pay(sender, key, pin=PIN)


def start_business(owner: User, name: str = "Sharma Sweets") -> UUID:
    """A business that waits to be approved."""
    merchant_id = uuid4()
    with transaction():
        account = ledger.open_account("wallet", "merchant", owner=merchant_id, hot=True)
        db.session.add(
            Merchant(
                id=merchant_id,
                user_id=owner.id,
                account_id=account,
                business_name=name,
                category="food",
            )
        )
    return merchant_id


def held_back(person: User, make_topup: MakeTopup, the_bank: TheBank, **payment: Any) -> UUID:
    """A top-up of ₹500 whose money waits in suspense: the bank moved ₹499."""
    topup_id = make_topup(person)
    told = the_bank.payment(topup_id, **{"amount": 499_00, **payment})
    assert the_bank.tell(told).status_code == 200
    return topup_id


def settlement_file(person: User) -> UUID:
    """A day of SBB's that differs: nobody knows what came under the name of a person's account."""
    file_id = uuid4()
    with transaction():
        db.session.add(
            SettlementFile(
                id=file_id, bank_code="SBB", day=date(2026, 1, 14), status="differs",
                checksum=bytes(32), count=1, sum_in=Money(75_25), closing=Money(75_25), number=1,
            )
        )  # fmt: skip
        db.session.flush()
        db.session.add(
            SettlementItem(
                file_id=file_id, what="not booked", reference=str(person.account_id), way="in",
                moved=Money(75_25), booked=Money(0), at=datetime.now(UTC), wrong=True,
            )
        )  # fmt: skip
    return file_id
