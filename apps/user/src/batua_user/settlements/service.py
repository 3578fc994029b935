"""Settling: what a business took goes to its owner's bank account, less the fee.

First an order, then the PIN that takes the money, then the bank is asked, as for withdrawals.
The amount and the fee leave the takings together, each a movement of its own. The order's id
is the form's key, makes the ledger's keys, and is the bank's reference.
"""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import DomainError, IdempotencyMismatch, NotFound, Refused
from batua_db.ledger import AccountFrozen, InsufficientFunds, Move
from batua_db.models.ledger import Account
from batua_db.models.payments import LinkedAccount, Merchant, Payout
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_user.authorise import require_pin, verdict
from batua_user.house import fees, in_flight
from batua_user.messages.service import notify_by_sms
from batua_user.payouts import service as payouts

LEAST = Money(1_00)
NOT_YET = {
    "waiting": "We are looking at your business. Once it is approved, takings can go to your bank.",
    "refused": "Your business was not approved, so takings can’t go to a bank."
    " Change its details, and ask again.",
}


class Held(NamedTuple):
    """An order while it is being carried out."""

    payout: Payout
    merchant: Merchant
    usable: bool
    frozen: bool  # the owner's own wallet


def fee_of(takings: Money, merchant: Merchant) -> Money:
    """What Batua keeps of ``takings``: whole paise, rounded down."""
    return Money(takings.paise * merchant.fee_bps // 10_000)


def prepare(
    owner: User, merchant: Merchant, *, amount: Money, bank_account: UUID, key: UUID
) -> UUID:
    """Write down what is to be settled, the fee included, to be looked at before the PIN."""
    with transaction():
        if _repeated(merchant, amount, bank_account, key):
            return key
        _refuse_early(owner, merchant, amount, bank_account)
        write(key, merchant, amount, bank_account)
        # Of two at once with one key, the later finds what the first has made.
        _repeated(merchant, amount, bank_account, key)
    return key


def pay(owner: User, payout_id: UUID, *, pin: str) -> None:
    """Take what was prepared out of the takings. Once, however often it is asked.

    The try, the PIN's verdict and the money share one transaction. The bank is asked
    after it, by ``payouts.asking``.
    """
    require_pin(owner)
    with transaction():
        refusal = verdict(owner, pin) or _take(owner, payout_id)
    if refusal:
        raise refusal


def write(key: UUID, merchant: Merchant, takings: Money, bank_account: UUID) -> None:
    """Keep an order, unless there is one with this key."""
    fee = fee_of(takings, merchant)
    row = insert(Payout).values(
        id=key,
        user_id=merchant.user_id,
        merchant_id=merchant.id,
        linked_account_id=bank_account,
        amount=takings - fee,
        fee=fee,
        state="prepared",
    )
    db.session.execute(row.on_conflict_do_nothing())


def launch(payout: Payout, merchant: Merchant) -> None:
    """Take a held order's money and fee out of the takings; from now on the bank is asked."""
    debit = merchant.account_id
    moves = [
        Move(
            amount=payout.amount,
            debit=debit,
            credit=in_flight(),
            kind="settlement",
            key=f"settlement:{payout.id}",
        )
    ]
    if payout.fee:
        moves.append(
            Move(
                amount=payout.fee,
                debit=debit,
                credit=fees(),
                kind="settlement_fee",
                key=f"settlement:{payout.id}:fee",
            )
        )
    payouts.launch(payout, ledger.move_all(moves)[0].id)
    account = payout.linked_account
    notify_by_sms(
        payout.user_id,
        f"{payout.amount} sent from the takings of {merchant.business_name} to"
        f" {account.bank.name} ··{account.last_digits}. Fee {payout.fee}."
        " Not you? Sign in and choose a new PIN.",
    )


def _take(owner: User, payout_id: UUID) -> DomainError | None:
    """Move the money, or say why not: the PIN was right either way."""
    payout, merchant, usable, frozen = _hold(owner, payout_id)
    if payout.state != "prepared":
        return None
    if merchant.state != "approved":
        return Refused(NOT_YET[merchant.state])
    if not usable:
        return Refused("This bank account can’t be used now. Choose another one.")
    if frozen:
        return Refused("Your wallet is frozen, and so is what leaves your business.")
    payouts.refuse_while_halted()
    try:
        launch(payout, merchant)
    except InsufficientFunds as error:
        return Refused(f"Your takings are {error.short_by} short of this. Settle less.")
    except AccountFrozen:
        return Refused("Your takings are frozen: money can come in, but not go out.")
    return None


def _hold(owner: User, payout_id: UUID) -> Held:
    """The order, and what its owner may do, which stays so until the money has moved."""
    open_ = LinkedAccount.removed_at.is_(None) & (LinkedAccount.usable_at <= func.clock_timestamp())
    found = db.session.execute(
        select(Payout, Merchant, open_, Account.status == "frozen")
        .join(Merchant, Merchant.id == Payout.merchant_id)
        .join(LinkedAccount, LinkedAccount.id == Payout.linked_account_id)
        .join(Account, Account.id == owner.account_id)
        .where(Payout.id == payout_id, Merchant.user_id == owner.id)
        .with_for_update(key_share=True, of=(Merchant, Payout))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such settlement, or it is not yours.")
    return Held(*found)


def _repeated(merchant: Merchant, amount: Money, bank_account: UUID, key: UUID) -> bool:
    """Whether this key has made this order already; with other terms it is no repetition."""
    earlier = db.session.get(Payout, key)
    if earlier is None:
        return False
    terms = (earlier.merchant_id, earlier.amount + earlier.fee, earlier.linked_account_id)
    if terms != (merchant.id, amount, bank_account):
        raise IdempotencyMismatch
    return True


def _refuse_early(owner: User, merchant: Merchant, amount: Money, bank_account: UUID) -> None:
    if merchant.state != "approved":
        raise Refused(NOT_YET[merchant.state])
    mine = (LinkedAccount.id == bank_account, LinkedAccount.user_id == owner.id)
    ready = LinkedAccount.usable_at <= func.clock_timestamp()
    open_ = select(LinkedAccount.id).where(*mine, ready, LinkedAccount.removed_at.is_(None))
    if db.session.scalar(open_) is None:
        raise Refused("Choose one of your bank accounts.", field="bank_account")
    payouts.refuse_while_halted()
    if amount < LEAST:
        raise Refused(f"The least that goes to a bank is {LEAST}.", field="amount")
    takings = ledger.balance(merchant.account_id)
    if amount > takings:
        raise Refused(
            f"Your takings are {takings}, which is {amount - takings} short. Settle less.",
            field="amount",
        )
