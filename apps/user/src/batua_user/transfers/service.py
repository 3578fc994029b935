"""Sending money to a phone number: first an order, then the PIN that pays it.

The order's id is the form's key, and makes the ledger's key, so that whatever is sent
twice moves the money once.
"""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import insert

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import DomainError, IdempotencyMismatch, NotFound, Refused, TooMany
from batua_db.ledger import AccountClosed, AccountFrozen, InsufficientFunds, Moved
from batua_db.models.wallet import Lookup, SendOrder, Tier, User
from batua_db.money import Money
from batua_user.authorise import require_pin, verdict
from batua_user.limits import service as limits
from batua_user.limits.devices import is_new
from batua_user.limits.payees import is_registered
from batua_user.limits.service import LimitReached, Use
from batua_user.messages.service import notify_by_sms
from batua_user.notices.service import tell

LOOKUPS = ((timedelta(hours=1), 20), (timedelta(days=1), 100))
NOT_WITH_A_SMALL_WALLET = (
    "A small wallet can receive money but not send it to people. With full KYC you can send, too."
)


class Held(NamedTuple):
    """An order while it is being paid."""

    order: SendOrder
    tier: Tier
    registered: bool  # the payee, and for a day
    new_device: bool  # they act from


def prepare(sender: User, *, phone: str, amount: Money, note: str, key: UUID) -> UUID:
    """Write down what is to be sent, to be looked at before the PIN; nothing moves yet.

    A look at whose number it is stays counted, whatever comes of it: what is refused
    after it is raised when that is committed.
    """
    sender_id = sender.id
    with transaction():
        _one_at_a_time(sender_id)
        if _repeated(sender, phone=phone, amount=amount, note=note, key=key):
            return key
        _refuse_early(sender, phone)
        payee_id = _find_payee(sender_id, phone)
        refusal = _refusal(sender, payee_id, amount)
        if payee_id and not refusal:
            _write(id=key, sender_id=sender_id, payee_id=payee_id, amount=amount, note=note)
    if refusal:
        raise refusal
    return key


def pay(sender: User, order_id: UUID, *, pin: str) -> UUID:
    """Send what was prepared; returns the transfer. Once, however often it is asked.

    The try, the PIN's verdict and the money share one transaction: a wrong PIN leaves
    only its count, and two at once wait for each other.
    """
    require_pin(sender)
    with transaction():
        done = verdict(sender, pin) or _moved(sender, order_id)
    if isinstance(done, DomainError):
        raise done
    return done


def _moved(sender: User, order_id: UUID) -> UUID | DomainError:
    """Move the money, or say why not: the PIN was right either way."""
    held = _hold(sender, order_id)
    order = held.order
    if held.tier != "full":
        return Refused(NOT_WITH_A_SMALL_WALLET)
    try:
        moved = ledger.move(
            order.amount,
            debit=sender.account_id,
            credit=order.payee.account_id,
            kind="send",
            key=f"send:{order.id}",
            note=order.note,
        )
    except InsufficientFunds as error:
        return Refused(f"You are {error.short_by} short of this. Add money, or send less.")
    except AccountFrozen:
        return Refused("Your wallet is frozen: money can come in, but not go out.")
    except AccountClosed:
        return Refused("Their wallet is closed, so it takes no money. Nothing was sent.")
    if not moved.repeated:
        _count(held, moved)
        _tell(sender, order, moved)
    return moved.id


def _count(held: Held, moved: Moved) -> None:
    """Hold the payment against the limits of both; what is raised undoes it all."""
    order, payee = held.order, held.order.payee
    allowed = limits.rules_of(held.tier, payee.tier)
    uses = [Use("send_month", order.amount)]
    if held.registered:
        uses = [Use("send_payee_month", order.amount, whose=payee.id)]
    if held.new_device:
        uses.append(Use("new_device_day", order.amount))
    limits.count(order.sender_id, allowed[held.tier], *uses)
    try:
        limits.count(payee.id, allowed[payee.tier], holds=moved.credit_balance)
    except LimitReached:
        raise LimitReached(
            "Their wallet can’t take this much at the moment. Nothing was sent; try a smaller sum."
        ) from None


def _tell(sender: User, order: SendOrder, moved: Moved) -> None:
    """Both hear of it: a bell for whom it reached, an SMS for whom it left."""
    tell(
        order.payee_id,
        "money_in",
        f"{sender.name} sent you {order.amount}",
        order.note,
        path=f"/activity/{moved.id}",
    )
    notify_by_sms(
        sender.id,
        f"{order.amount} sent to {order.payee.name} from your Batua wallet."
        f" Balance {moved.debit_balance}. Not you? Sign in and choose a new PIN.",
    )


def _hold(sender: User, order_id: UUID) -> Held:
    """The order, and what the sender may do, which stays so until the money has moved."""
    registered = is_registered(SendOrder.sender_id, SendOrder.payee_id)
    found = db.session.execute(
        select(SendOrder, User.tier, registered, is_new(User.id, sender.device_token))
        .join(User, User.id == SendOrder.sender_id)
        .where(SendOrder.id == order_id, SendOrder.sender_id == sender.id)
        .with_for_update(read=True, of=User)
    ).one_or_none()
    if found is None:
        raise NotFound("There is nothing to send here, or it is not yours.")
    return Held(*found)


def _one_at_a_time(sender_id: UUID) -> None:
    mine = select(User.id).where(User.id == sender_id).with_for_update(key_share=True)
    db.session.execute(mine)


def _repeated(sender: User, *, phone: str, amount: Money, note: str, key: UUID) -> UUID | None:
    """The order that this key has made already; with other terms it is no repetition."""
    earlier = db.session.get(SendOrder, key)
    if earlier is None:
        return None
    terms = (earlier.sender_id, earlier.payee.phone, earlier.amount, earlier.note)
    if terms != (sender.id, phone, amount, note):
        raise IdempotencyMismatch
    return key


def _refuse_early(sender: User, phone: str) -> None:
    """What needs no look at the other person."""
    if sender.tier != "full":
        raise Refused(NOT_WITH_A_SMALL_WALLET)
    if phone == sender.phone:
        raise Refused("This is your own number. Type the number of someone else.", field="phone")


def _refusal(sender: User, payee_id: UUID | None, amount: Money) -> Refused | None:
    if payee_id is None:
        return Refused(
            "Nobody with this number has a Batua wallet. Check it, or ask them to open one.",
            field="phone",
        )
    balance = ledger.balance(sender.account_id)
    if amount > balance:
        return Refused(
            f"You have {balance}, which is {amount - balance} short. Add money, or send less.",
            field="amount",
        )
    return None


def _write(**order: object) -> None:
    """Keep an order, unless its key is that of somebody else's."""
    row = insert(SendOrder).values(**order).on_conflict_do_nothing().returning(SendOrder.id)
    if db.session.scalar(row) is None:
        raise IdempotencyMismatch


def _find_payee(sender_id: UUID, phone: str) -> UUID | None:
    """Whose number this is. Asking is counted, but for those they were about to pay before."""
    before = exists().where(SendOrder.sender_id == sender_id, SendOrder.payee_id == User.id)
    found = db.session.execute(select(User.id, before).where(User.phone == phone)).one_or_none()
    payee_id, known = found or (None, False)
    if not known:
        _count_a_lookup(sender_id)
    return payee_id


def _count_a_lookup(sender_id: UUID) -> None:
    now = func.clock_timestamp()
    recent = [func.count().filter(Lookup.created_at > now - span) for span, _ in LOOKUPS]
    asked = db.session.execute(select(*recent).where(Lookup.user_id == sender_id)).one()
    if any(count >= most for count, (_, most) in zip(asked, LOOKUPS, strict=True)):
        raise TooMany(
            "You looked for many numbers in a short time. Wait an hour, then try again;"
            " you can still send to people you sent money before, or were about to.",
            retry_after=3600,
        )
    db.session.add(Lookup(user_id=sender_id))
