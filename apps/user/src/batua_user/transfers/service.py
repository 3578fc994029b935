"""Sending money to a phone number: first an order, then the PIN that pays it.

The order's id is the form's key, and makes the ledger's key, so that whatever is sent
twice moves the money once.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import DomainError, IdempotencyMismatch, NotFound, Refused, TooMany
from batua_db.ledger import AccountClosed, AccountFrozen, InsufficientFunds
from batua_db.models.wallet import Lookup, SendOrder, User
from batua_db.money import Money
from batua_user.authorise import require_pin, verdict

LOOKUPS = ((timedelta(hours=1), 20), (timedelta(days=1), 100))


def prepare(sender: User, *, phone: str, amount: Money, note: str, key: UUID) -> UUID:
    """Write down what is to be sent, to be looked at before the PIN; nothing moves yet."""
    earlier = _repeated(sender, phone=phone, amount=amount, note=note, key=key)
    if earlier:
        return earlier
    _refuse_early(sender, phone)
    payee_id = _find_payee(sender.id, phone)
    if payee_id is None:
        raise Refused(
            "Nobody with this number has a Batua wallet. Check it, or ask them to open one.",
            field="phone",
        )
    with transaction():
        _refuse_beyond(ledger.balance(sender.account_id), amount)
        order = {"id": key, "sender_id": sender.id, "payee_id": payee_id}
        row = insert(SendOrder).values(**order, amount=amount, note=note)
        db.session.execute(row.on_conflict_do_nothing())
        # Of two at once with one key, the later finds what the first has made.
        _repeated(sender, phone=phone, amount=amount, note=note, key=key)
    return key


def pay(sender: User, order_id: UUID, *, pin: str) -> UUID:
    """Send what was prepared; returns the transfer. Once, however often it is asked.

    The try, the PIN's verdict and the money share one transaction: a wrong PIN leaves
    only its count, and two at once wait for each other.
    """
    require_pin(sender)
    with transaction():
        order = db.session.scalar(select(SendOrder).where(_mine(sender, order_id)))
        if order is None:
            raise NotFound("There is nothing to send here, or it is not yours.")
        done = verdict(sender, pin) or _moved(sender, order)
    if isinstance(done, DomainError):
        raise done
    return done


def _moved(sender: User, order: SendOrder) -> UUID | DomainError:
    """Move the money, or say why not: the PIN was right either way."""
    try:
        return ledger.move(
            order.amount,
            debit=sender.account_id,
            credit=order.payee.account_id,
            kind="send",
            key=f"send:{order.id}",
            note=order.note,
        ).id
    except InsufficientFunds as error:
        return Refused(f"You are {error.short_by} short of this. Add money, or send less.")
    except AccountFrozen:
        return Refused("Your wallet is frozen: money can come in, but not go out.")
    except AccountClosed:
        return Refused("Their wallet is closed, so it takes no money. Nothing was sent.")


def _mine(sender: User, order_id: UUID) -> ColumnElement[bool]:
    return (SendOrder.id == order_id) & (SendOrder.sender_id == sender.id)


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
        raise Refused(
            "A small wallet can receive money but not send it to people."
            " With full KYC you can send, too."
        )
    if phone == sender.phone:
        raise Refused("This is your own number. Type the number of someone else.", field="phone")


def _refuse_beyond(balance: Money, amount: Money) -> None:
    if amount > balance:
        raise Refused(
            f"You have {balance}, which is {amount - balance} short. Add money, or send less.",
            field="amount",
        )


def _find_payee(sender_id: UUID, phone: str) -> UUID | None:
    """Whose number this is. Asking is counted, unless they were paid before."""
    with transaction():
        mine = select(User.id).where(User.id == sender_id).with_for_update(key_share=True)
        db.session.execute(mine)
        payee_id = db.session.scalar(select(User.id).where(User.phone == phone))
        before = exists().where(SendOrder.sender_id == sender_id, SendOrder.payee_id == payee_id)
        if payee_id is None or not db.session.scalar(select(before)):
            _count_a_lookup(sender_id)
        return payee_id


def _count_a_lookup(sender_id: UUID) -> None:
    for span, most in LOOKUPS:
        recent = Lookup.created_at > func.clock_timestamp() - span
        asked = select(func.count()).where(Lookup.user_id == sender_id, recent)
        if (db.session.scalar(asked) or 0) >= most:
            raise TooMany(
                "You looked for many numbers in a short time. Wait an hour, then try again;"
                " people you have paid before are always open to you.",
                retry_after=3600,
            )
    db.session.add(Lookup(user_id=sender_id))
