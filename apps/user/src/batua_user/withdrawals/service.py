"""Withdrawing: first an order, then the PIN that takes the money, then the bank is asked.

The order's id is the form's key, makes the ledger's keys, and is the bank's reference.
"""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import DomainError, IdempotencyMismatch, NotFound, Refused
from batua_db.ledger import AccountFrozen, InsufficientFunds, Moved
from batua_db.models.payments import LinkedAccount, Payout
from batua_db.models.wallet import Tier, User
from batua_db.money import Money
from batua_user.authorise import require_pin, verdict
from batua_user.house import in_flight
from batua_user.limits import service as limits
from batua_user.limits.devices import is_new
from batua_user.limits.service import Use
from batua_user.messages.service import notify_by_sms
from batua_user.payouts import service as payouts

NEEDS_KYC = "A small wallet can’t send money to a bank. With full KYC you can."


class Held(NamedTuple):
    """An order while it is being paid."""

    payout: Payout
    tier: Tier
    usable: bool
    new_device: bool


def prepare(user: User, *, amount: Money, bank_account: UUID, key: UUID) -> UUID:
    """Write down what is to be withdrawn, to be looked at before the PIN; nothing moves yet."""
    with transaction():
        if _repeated(user, amount, bank_account, key):
            return key
        _refuse_early(user, amount, bank_account)
        order = {"id": key, "user_id": user.id, "linked_account_id": bank_account}
        row = insert(Payout).values(**order, amount=amount, fee=Money(0), state="prepared")
        db.session.execute(row.on_conflict_do_nothing())
        # Of two at once with one key, the later finds what the first has made.
        _repeated(user, amount, bank_account, key)
    return key


def pay(user: User, payout_id: UUID, *, pin: str) -> None:
    """Take what was prepared out of the wallet. Once, however often it is asked.

    The try, the PIN's verdict and the money share one transaction. The bank is asked
    after it, by ``payouts.asking``.
    """
    require_pin(user)
    with transaction():
        refusal = verdict(user, pin) or _take(user, payout_id)
    if refusal:
        raise refusal


def _take(user: User, payout_id: UUID) -> DomainError | None:
    """Move the money, or say why not: the PIN was right either way."""
    payout, tier, usable, new_device = _hold(user, payout_id)
    if payout.state != "prepared":
        return None
    if tier != "full":
        return Refused(NEEDS_KYC)
    if not usable:
        return Refused("This bank account can’t be used now. Choose another one.")
    payouts.refuse_while_halted()
    try:
        moved = ledger.move(
            payout.amount,
            debit=user.account_id,
            credit=in_flight(),
            kind="withdrawal",
            key=f"withdrawal:{payout.id}",
        )
    except InsufficientFunds as error:
        return Refused(f"You are {error.short_by} short of this. Withdraw less.")
    except AccountFrozen:
        return Refused("Your wallet is frozen: money can come in, but not go out.")
    if new_device:
        limits.count(user.id, limits.rules(tier), Use("new_device_day", payout.amount))
    payouts.launch(payout, moved.id)
    _tell(payout, moved)
    return None


def _tell(payout: Payout, moved: Moved) -> None:
    """Whoever it is that has the phone, its owner hears of it."""
    account = payout.linked_account
    notify_by_sms(
        payout.user_id,
        f"{payout.amount} sent from your Batua wallet to {account.bank.name}"
        f" ··{account.last_digits}. Balance {moved.debit_balance}."
        " Not you? Sign in and choose a new PIN.",
    )


def _hold(user: User, payout_id: UUID) -> Held:
    """The order, and what its owner may do, which stays so until the money has moved.

    The person is held without their key: whoever holds the account, and tells them of money
    that came, names them in a notice, and would wait for us as we wait for the account.
    """
    open_ = LinkedAccount.removed_at.is_(None) & (LinkedAccount.usable_at <= func.clock_timestamp())
    found = db.session.execute(
        select(Payout, User.tier, open_, is_new(User.id, user.device_token))
        .join(User, User.id == Payout.user_id)
        .join(LinkedAccount, LinkedAccount.id == Payout.linked_account_id)
        .where(Payout.id == payout_id, Payout.user_id == user.id, Payout.merchant_id.is_(None))
        .with_for_update(of=(User, Payout), key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such withdrawal, or it is not yours.")
    return Held(*found)


def _repeated(user: User, amount: Money, bank_account: UUID, key: UUID) -> bool:
    """Whether this key has made this order already; with other terms it is no repetition."""
    earlier = db.session.get(Payout, key)
    if earlier is None:
        return False
    terms = (earlier.user_id, earlier.amount, earlier.linked_account_id)
    if terms != (user.id, amount, bank_account) or earlier.merchant_id:
        raise IdempotencyMismatch
    return True


def _refuse_early(user: User, amount: Money, bank_account: UUID) -> None:
    if user.tier != "full":
        raise Refused(NEEDS_KYC)
    mine = (LinkedAccount.id == bank_account, LinkedAccount.user_id == user.id)
    ready = LinkedAccount.usable_at <= func.clock_timestamp()
    open_ = select(LinkedAccount.id).where(*mine, ready, LinkedAccount.removed_at.is_(None))
    if db.session.scalar(open_) is None:
        raise Refused("Choose one of your bank accounts.", field="bank_account")
    payouts.refuse_while_halted()
    balance = ledger.balance(user.account_id)
    if amount > balance:
        raise Refused(
            f"You have {balance}, which is {amount - balance} short. Withdraw less.",
            field="amount",
        )
