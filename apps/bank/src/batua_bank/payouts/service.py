"""Payouts: ordered by a platform, carried out by a worker a moment later, and then final.

An order is one row; carrying it out is one transaction: the row, the money, and the news
of it. So it is paid once, whoever is killed in between, and however many workers run.
"""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from batua_bank.clients import registry
from batua_bank.outbox import announce
from batua_bank.seams import seams
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import Conflict, Refused
from batua_db.ledger import AccountClosed, AccountFrozen, InsufficientFunds
from batua_db.models.bank import BankAccount, Customer
from batua_db.models.outgoing import Payout
from batua_db.money import CURRENCY, Money

Failure = Literal[
    "unknown_account", "holder_mismatch", "account_closed", "insufficient_funds", "platform_frozen"
]
Outcome = tuple[UUID, UUID] | Failure  # the account and the transfer, or why not


class ReferenceUsed(Conflict):
    """The client ordered a payout with this reference before, under another idempotency key."""

    code = "reference_used"

    def __init__(self) -> None:
        super().__init__(
            "A payout with this reference exists. Use its idempotency key to read it again.",
            field="reference",
        )


class TooLittle(Refused):
    """The platform has less at this bank."""

    code = "insufficient_funds"

    def __init__(self, short_by: Money) -> None:
        super().__init__(f"The platform’s account is short by {short_by}.", field="amount")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a platform asks for; ``bank`` is where its own account is."""

    amount: Money
    bank: str
    account_number: str
    ifsc: str
    holder: str
    reference: str


def order(client: str, asked: Order) -> Payout:
    """Write a payout down, to be carried out in a moment. The caller commits."""
    platform = registry.platform_account(client, asked.bank)
    row = insert(Payout).values(
        client=client,
        bank_code=asked.bank,
        amount=asked.amount,
        account_number=asked.account_number,
        ifsc=asked.ifsc,
        holder=asked.holder,
        reference=asked.reference,
        id=func.gen_random_uuid(),
    )
    row = row.on_conflict_do_nothing(index_elements=["client", "reference"])
    payout = db.session.scalar(row.returning(Payout))
    if payout is None:
        raise ReferenceUsed
    if (held := ledger.balance(platform)) < asked.amount:
        raise TooLittle(asked.amount - held)
    return payout


def carry_out() -> int:
    """Carry out every payout that waits, each in a transaction of its own; the worker's task."""
    done = 0
    while _carry_out_one():
        done += 1
    return done


def of_payout(payout: Payout) -> dict[str, Any]:
    """A payout, as the API and its webhooks tell it."""
    return {
        "id": str(payout.id),
        "reference": payout.reference,
        "amount": payout.amount.paise,
        "currency": CURRENCY,
        "bank": payout.bank_code,
        "status": payout.status,
        "failure": payout.failure,
    }


def _carry_out_one() -> bool:
    waiting = (
        select(Payout)
        .where(Payout.status == "pending", seams.payout_is_due())
        .order_by(Payout.created_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    with transaction():
        payout = db.session.scalar(waiting)
        if payout is None:
            return False
        _decide(payout, seams.payout_failure(payout) or _pay(payout))
        announce(payout.client, f"payout.{payout.status}", of_payout(payout))
    return True


def _decide(payout: Payout, outcome: Outcome) -> None:
    payout.decided_at = db.session.scalar(select(func.clock_timestamp()))
    if isinstance(outcome, str):
        payout.status, payout.failure = "failed", outcome
    else:
        payout.status = "succeeded"
        payout.account_id, payout.transfer_id = outcome
    db.session.flush()


def _pay(payout: Payout) -> Outcome:
    """Pay a payout to the account that it names, if that is its holder's."""
    found = find_account(payout.account_number, payout.ifsc)
    if found is None:
        return "unknown_account"
    account, holder = found
    if not same_name(holder, payout.holder):
        return "holder_mismatch"
    platform = registry.platform_account(payout.client, payout.bank_code)
    try:
        moved = ledger.move(
            payout.amount,
            debit=platform,
            credit=account,
            kind="payout",
            key=f"payout:{payout.id}",
            note="From Batua",
            details={"reference": payout.reference},
        )
    except InsufficientFunds:
        return "insufficient_funds"
    except AccountFrozen:
        return "platform_frozen"
    except AccountClosed:
        return "account_closed"
    return account, moved.id


def find_account(number: str, ifsc: str) -> tuple[UUID, str] | None:
    """The account with a number at a branch, and its holder's name."""
    row = db.session.execute(
        select(BankAccount.id, Customer.name)
        .join(Customer, Customer.id == BankAccount.customer_id)
        .where(BankAccount.number == number, BankAccount.ifsc == ifsc)
    ).one_or_none()
    return (row.id, row.name) if row else None


def same_name(one: str, other: str) -> bool:
    """Whether two ways of writing a name are the same but for case, dots and spaces."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return " ".join(name.replace(".", " ").casefold().split())
