"""What a person may still do, for the pages: before they hit a limit, not after."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from batua_db import ledger
from batua_db.database import db
from batua_db.models.people import Limit
from batua_db.models.wallet import User
from batua_db.money import Money

from .devices import is_new
from .payees import is_registered
from .service import Use, refuse_over, rules, used

COUNTED: tuple[Limit, ...] = ("load_month", "load_year", "send_month")


@dataclass(frozen=True, slots=True)
class Allowance:
    """A limit, and how much of it is used."""

    what: Limit
    most: Money
    used: Money

    @property
    def left(self) -> Money:
        """What is still allowed."""
        return max(self.most - self.used, Money(0))


def allowances(user: User, balance: Money | None = None) -> Sequence[Allowance]:
    """Every limit that concerns a person whoever they pay, and what is used of it.

    ``balance`` saves a look where the caller knows it.
    """
    held = ledger.balance(user.account_id) if balance is None else balance
    allowed = rules(user.tier)
    uses = [Use(what, Money(0)) for what in COUNTED if what in allowed]
    counted = dict(zip([use.what for use in uses], used(user.id, *uses), strict=True))
    counted["balance"] = held
    return [
        Allowance(what, allowed[what], counted[what])
        for what in (*COUNTED, "balance")
        if what in allowed
    ]


def room_to_send(user: User, payee_id: UUID) -> Allowance | None:
    """How much a person may send to somebody this month, whether they are registered or new."""
    known = db.session.scalar(select(is_registered(user.id, payee_id)))
    what: Limit = "send_payee_month" if known else "send_month"
    most = rules(user.tier).get(what)
    if most is None:
        return None
    use = Use(what, Money(0), whose=payee_id if known else None)
    return Allowance(what, most, used(user.id, use)[0])


def room_on_device(user: User) -> Allowance | None:
    """How much a person may send and withdraw from this device, while it is new to us."""
    most = rules(user.tier).get("new_device_day")
    if most is None or not db.session.scalar(select(is_new(user.id, user.device_token))):
        return None
    use = Use("new_device_day", Money(0))
    return Allowance(use.what, most, used(user.id, use)[0])


def refuse_load(user: User, amount: Money, *, waiting: Money) -> None:
    """Raise ``LimitReached`` where ``amount`` and what is ``waiting`` would not fit any more."""
    for each in allowances(user):
        if each.what != "send_month":
            refuse_over(each.what, each.most, each.used + waiting, amount)


def room_to_load(user: User, balance: Money | None = None) -> Allowance | None:
    """The limit that leaves the least room for money from a bank, if there is any."""
    loads = [each for each in allowances(user, balance) if each.what != "send_month"]
    return min(loads, key=lambda each: each.left) if loads else None
