"""Every night, what was taken up to then goes to the bank by itself.

A night has one settlement of each business: its id is made of the day and of the account of
the takings, which nobody else knows, so that neither two workers nor a restart can make a
second. Whenever the worker gets to it, only what was there at the hour is settled.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from uuid import UUID, uuid5

from sqlalchemy import func, select

from batua_config import logs
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.ledger import AccountFrozen, InsufficientFunds
from batua_db.models.desk import Halt
from batua_db.models.ledger import Account, Entry
from batua_db.models.payments import LinkedAccount, Merchant, Payout
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_ui.filters import INDIA
from batua_user.payouts import service as payouts

from . import service

log = logs.get(__name__)

HOUR = time(1)  # in India


def settle() -> int:
    """Settle each business that wants it, once a night; the worker's task."""
    now = datetime.now(UTC).astimezone(INDIA)
    at = datetime.combine(now.date(), HOUR, INDIA)
    if now < at:
        return 0
    return sum(_settled(key, merchant, at) for key, merchant in _waiting(now.date()).items())


def key_of(account_id: UUID, night: date) -> UUID:
    """The id of a settlement of these takings in a night."""
    return uuid5(account_id, night.isoformat())


def _waiting(night: date) -> Mapping[UUID, UUID]:
    """The businesses that may have something to settle, by the id that it would have."""
    with transaction():
        if db.session.get(Halt, payouts.HALT):
            return {}
        wanted = (Merchant.settle_nightly, Merchant.settle_to.is_not(None))
        found = db.session.execute(
            select(Merchant.id, Merchant.account_id)
            .join(Account, Account.id == Merchant.account_id)
            .where(*wanted, Merchant.state == "approved", Account.balance > Money(0))
        )
        keys = {key_of(account, night): merchant for merchant, account in found}
        done = db.session.scalars(select(Payout.id).where(Payout.id.in_(keys)))
        return {key: keys[key] for key in keys.keys() - set(done)}


def _settled(key: UUID, merchant_id: UUID, at: datetime) -> bool:
    """Settle one business in a transaction of its own; says whether that was done now."""
    try:
        with transaction():
            merchant = _hold(merchant_id)
            if merchant is None or merchant.settle_to is None or db.session.get(Payout, key):
                return False
            takings = _takings_at(merchant, at)
            if takings < service.LEAST or db.session.get(Halt, payouts.HALT):
                return False
            service.write(key, merchant, takings, merchant.settle_to)
            service.launch(db.session.get_one(Payout, key), merchant)
    except (AccountFrozen, InsufficientFunds) as error:
        log.warning("not settled tonight", merchant_id=merchant_id, reason=error.code)
        return False
    return True


def _hold(merchant_id: UUID) -> Merchant | None:
    """A business that may be settled, unless another worker has it."""
    usable = LinkedAccount.removed_at.is_(None), LinkedAccount.usable_at <= func.clock_timestamp()
    return db.session.scalar(
        select(Merchant)
        .join(LinkedAccount, LinkedAccount.id == Merchant.settle_to)
        .join(User, User.id == Merchant.user_id)
        .join(Account, Account.id == User.account_id)
        .where(
            Merchant.id == merchant_id,
            Merchant.state == "approved",
            Merchant.settle_nightly,
            Account.status == "open",
            *usable,
        )
        .with_for_update(key_share=True, of=Merchant, skip_locked=True)
        .execution_options(populate_existing=True)
    )


def _takings_at(merchant: Merchant, at: datetime) -> Money:
    """What was there at the hour, as far as it is there still."""
    ledger.lock([merchant.account_id])
    then = (
        select(Entry.balance)
        .where(Entry.account_id == merchant.account_id, Entry.created_at < at)
        .order_by(Entry.version.desc())
        .limit(1)
    )
    return min(db.session.scalar(then) or Money(0), ledger.balance(merchant.account_id))
