"""Adding money: the one state machine of a top-up.

States only move forward: ``pending → captured → credited``, or ``→ declined | expired |
failed``. What the bank has captured is the truth, so ``captured`` may follow any of
those. The webhook, the worker's poll and the status page all come through ``settle``.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import cast, func, or_, select

from batua_config import logs
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import IdempotencyMismatch, Refused, TooMany
from batua_db.ledger import AccountClosed, Moved
from batua_db.models.wallet import Bank, Topup, User
from batua_db.money import Money, MoneyColumn
from batua_user.bank.service import float_of
from batua_user.bank.values import Payment
from batua_user.house import suspense
from batua_user.limits.queries import refuse_load
from batua_user.limits.service import LimitReached, Use, count, rules
from batua_user.links.service import remember
from batua_user.notices.service import tell
from batua_user.steps import note

log = logs.get(__name__)

Heard = Literal["told", "heard"]  # by the bank's webhook; by its answer to our question
MOST_OPEN = 3
MOST_AN_HOUR = 10
FIRST_CHECK = timedelta(seconds=5)
RETURN_AFTER = timedelta(seconds=5)
LATE_CHECK = timedelta(minutes=10)  # after an end that the bank may yet contradict


def ask(
    user: User, *, amount: Money, bank: str, key: UUID, remember: bool = False
) -> tuple[UUID, bool]:
    """Write down what a person wants to add: its id, and whether it is new.

    The same ``key`` with the same terms is the same top-up. ``remember``: the bank is to be
    asked whether they may add from it again without going there.
    """
    with transaction():
        return write_once(user, amount=amount, bank=bank, key=key, remember=remember)


def write_once(
    user: User,
    *,
    amount: Money,
    bank: str,
    key: UUID,
    remember: bool = False,
    link: UUID | None = None,
) -> tuple[UUID, bool]:
    """The same for callers with a transaction of their own; ``link`` is a bank remembered."""
    db.session.execute(select(User.id).where(User.id == user.id).with_for_update(key_share=True))
    mine = select(Topup).where(Topup.user_id == user.id, Topup.key == key)
    if earlier := db.session.scalar(mine):
        if (earlier.amount, earlier.bank_code, earlier.link_id) != (amount, bank, link):
            raise IdempotencyMismatch
        return earlier.id, False
    _refuse_too_many(user.id)
    refuse_load(user, amount, waiting=_waiting(user.id))
    terms = {"amount": amount, "bank_code": bank, "remember": remember, "link_id": link}
    return _write(user.id, key, terms), True


def lock(topup_id: UUID | None) -> Topup | None:
    """Hold a top-up until the transaction ends; ``None`` if there is no such top-up."""
    if topup_id is None:
        return None
    return db.session.scalar(
        select(Topup)
        .where(Topup.id == topup_id)
        .with_for_update(of=Topup)
        .execution_options(populate_existing=True)
    )


def book(topup_id: UUID, payments: Iterable[Payment]) -> None:
    """Book what the bank answers that it has captured, if anything, for this top-up."""
    with transaction():
        topup = lock(topup_id)
        for payment in payments:
            if topup and payment.topup_id == topup_id:
                settle(topup, payment, heard="heard")


def takes(topup: Topup, payment: Payment) -> bool:
    """Whether ``payment`` is still to be booked: once for a top-up, and for one top-up."""
    if topup.payment_id is None:
        known = select(Topup.id).where(Topup.payment_id == payment.id)
        other = db.session.scalar(known) is not None
    else:
        other = topup.payment_id != payment.id
    if other:
        log.error("payments and top-ups do not pair", topup_id=topup.id, payment_id=payment.id)
    return topup.payment_id is None and not other


def settle(topup: Topup, payment: Payment, *, heard: Heard) -> None:
    """Book what the bank has captured, once, whatever we thought before.

    ``topup`` is locked. The person gets it; if that can't be, it goes to suspense under
    the same key, since the key names the payment and not where it went.
    """
    if not takes(topup, payment):
        return
    topup.state, topup.payment_id, topup.captured = "captured", payment.id, payment.amount
    topup.check_at = None
    note(topup.id, "captured", at=_sane(payment.captured_at, since=topup.created_at))
    note(topup.id, heard)
    if topup.remember:
        remember(topup)
    if fault := _mismatch(topup, payment) or _credit(topup, payment):
        topup.transfer_id = _book(topup, payment, to=suspense()).id
        note(topup.id, "suspended", fault)
        # From here on it is about giving it back; see ``returning``.
        topup.checks, topup.check_at = 0, datetime.now(UTC) + RETURN_AFTER
        log.error("a payment is in suspense", topup_id=topup.id, reason=fault)


def close(topup: Topup, state: Literal["declined", "expired", "failed"], why: str = "") -> bool:
    """End a locked top-up that brought nothing; says whether that changed it.

    Money may yet come of one that nobody said no to, and the bank's word of it get lost:
    the worker asks about it a little longer.
    """
    if topup.state != "pending":
        return False
    late = None if state == "declined" else datetime.now(UTC) + LATE_CHECK
    topup.state, topup.checks, topup.check_at = state, 0, late
    note(topup.id, state, why)
    return True


def _refuse_too_many(user_id: UUID) -> None:
    """Count under the lock on the person: two at once must not both be the last."""
    mine = select(func.count()).where(Topup.user_id == user_id)
    if (db.session.scalar(mine.where(Topup.state == "pending")) or 0) >= MOST_OPEN:
        raise TooMany(
            f"You have {MOST_OPEN} payments open at your bank. Finish or decline one,"
            " or wait five minutes until they close.",
            retry_after=60,
        )
    hour = func.clock_timestamp() - timedelta(hours=1)
    made = mine.where(
        Topup.created_at > hour, or_(Topup.session_id.is_not(None), Topup.payment_id.is_not(None))
    )
    if (db.session.scalar(made) or 0) >= MOST_AN_HOUR:
        raise TooMany(
            f"You started {MOST_AN_HOUR} payments in the last hour, and that is the most."
            " Try again in a while.",
            retry_after=600,
        )


def _waiting(user_id: UUID) -> Money:
    """What may still come from payments that are open: their room is taken already."""
    open_ = (Topup.user_id == user_id, Topup.state == "pending")
    return db.session.scalar(
        select(cast(func.sum(Topup.amount), MoneyColumn)).where(*open_)
    ) or Money(0)


def _write(user_id: UUID, key: UUID, terms: dict[str, Any]) -> UUID:
    if db.session.get(Bank, terms["bank_code"]) is None:
        raise Refused("Choose the bank that the money comes from.", field="bank")
    check_at = func.clock_timestamp() + FIRST_CHECK
    topup = Topup(id=uuid4(), user_id=user_id, key=key, check_at=check_at, **terms)
    db.session.add(topup)
    db.session.flush()
    note(topup.id, "asked")
    return topup.id


def _mismatch(topup: Topup, payment: Payment) -> str:
    """What the bank did other than asked, in a word; empty if nothing."""
    if payment.amount != topup.amount:
        return "amount"
    return "" if payment.bank == topup.bank_code else "bank"


def _credit(topup: Topup, payment: Payment) -> str:
    """Credit the person, or do nothing and return in a word why it can't be."""
    person = db.session.get_one(User, topup.user_id)
    try:
        with db.session.begin_nested():
            moved = _book(topup, payment, to=person.account_id)
            uses = [Use("load_month", payment.amount), Use("load_year", payment.amount)]
            count(person.id, rules(person.tier), *uses, holds=moved.credit_balance)
    except AccountClosed:
        return "closed"
    except LimitReached:
        return "limit"
    topup.state, topup.transfer_id = "credited", moved.id
    note(topup.id, "credited")
    tell_credited(topup, moved)
    return ""


def tell_credited(topup: Topup, moved: Moved) -> None:
    """Tell the person that their money is there."""
    tell(
        topup.user_id,
        "topup",
        f"{topup.captured} added from {topup.bank.name}",
        f"Your balance is now {moved.credit_balance}.",
        path=f"/add-money/{topup.id}",
    )


def _book(topup: Topup, payment: Payment, *, to: UUID) -> Moved:
    return ledger.move(
        payment.amount,
        debit=float_of(payment.bank),
        credit=to,
        kind="topup",
        key=f"topup:{topup.id}:settle",
        details={"payment": payment.id, "bank": payment.bank},
        happened_at=payment.captured_at,
    )


def _sane(at: datetime | None, *, since: datetime) -> datetime:
    """The bank's time for a step, kept between what came before it and now: clocks differ."""
    now = datetime.now(UTC)
    return min(max(at or now, since), now)
