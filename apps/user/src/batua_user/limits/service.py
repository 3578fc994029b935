"""Limits, as RBI's rules for prepaid wallets set them: dated rows, each with its source.

What is used of a limit is counted in the transaction of the money and after it, while the
person's account is held: of thirty at once only as many pass as the limit admits. Money that
comes back (refunds, what a bank returned) is not counted and not stopped.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects.postgresql import insert

from batua_db.database import db
from batua_db.errors import Refused
from batua_db.models.people import Limit, LimitRule, Usage
from batua_db.models.wallet import Tier
from batua_db.money import Money

from .periods import financial_year, month, today

Rules = Mapping[Limit, Money]


class LimitReached(Refused):
    """More than a limit admits. Whatever the transaction did before is to be undone."""

    code = "limit_reached"


@dataclass(frozen=True, slots=True)
class Use:
    """What is to be counted against a limit; ``whose`` where it counts for each payee."""

    what: Limit
    amount: Money
    whose: UUID | None = None

    @property
    def name(self) -> str:
        """As the row of its count is named."""
        return f"{self.what}:{self.whose}" if self.whose else self.what

    @property
    def since(self) -> date:
        """The day of the first row that counts today.

        A day on a device has its rows on two days of the calendar. Of several new devices
        it may count a little too much, and never too little.
        """
        if self.what == "new_device_day":
            return self.day - timedelta(days=1)
        return self.day

    @property
    def day(self) -> date:
        """The day of the row that is added to: when its month or year began, or today."""
        if self.what == "load_year":
            return financial_year(today())
        return today() if self.what == "new_device_day" else month(today())


def rules(tier: Tier) -> Rules:
    """What a tier may do today."""
    return rules_of(tier)[tier]


def rules_of(*tiers: Tier) -> Mapping[Tier, Rules]:
    """What each of ``tiers`` may do today: of each limit the latest row that has begun."""
    rows = db.session.execute(
        select(LimitRule.tier, LimitRule.what, LimitRule.most)
        .where(LimitRule.tier.in_(tiers), LimitRule.valid_from <= today())
        .order_by(LimitRule.valid_from)
    )
    found: dict[Tier, dict[Limit, Money]] = {tier: {} for tier in tiers}
    for row in rows:
        found[row.tier][row.what] = row.most
    return found


def used(user_id: UUID, *uses: Use) -> list[Money]:
    """How much is counted so far against each of ``uses``."""
    counted = [and_(Usage.what == use.name, Usage.since >= use.since) for use in uses]
    mine = select(Usage.what, Usage.used).where(Usage.user_id == user_id, or_(*counted))
    rows = db.session.execute(mine).all()
    return [sum((row.used for row in rows if row.what == use.name), Money(0)) for use in uses]


def count(user_id: UUID, allowed: Rules, *uses: Use, holds: Money | None = None) -> None:
    """Count what was just moved; raises ``LimitReached`` if it is more than ``allowed``.

    ``holds`` is what the person has now, where money came to them. The caller holds their
    account, having moved money on it in this transaction, and lets the error end the
    transaction, or its savepoint.
    """
    if holds is not None and (most := allowed.get("balance")):
        refuse_over("balance", most, Money(0), holds)
    for use in uses:
        if most := allowed.get(use.what):
            refuse_over(use.what, most, _add(user_id, use), use.amount)


def refuse_over(what: Limit, most: Money, before: Money, amount: Money) -> None:
    """Raise ``LimitReached`` where ``before`` and ``amount`` are more than ``most``."""
    if before + amount > most:
        left = max(most - before, Money(0))
        raise LimitReached(SENTENCES[what].format(left=left, most=most), field="amount")


def _add(user_id: UUID, use: Use) -> Money:
    """Add to a count; returns what it was before."""
    row = insert(Usage).values(user_id=user_id, what=use.name, since=use.day, used=use.amount)
    total = db.session.scalars(
        row.on_conflict_do_update(
            index_elements=[Usage.user_id, Usage.what, Usage.since],
            set_={"used": Usage.used + row.excluded.used},
        ).returning(Usage.used)
    ).one()
    return (total if use.day == use.since else used(user_id, use)[0]) - use.amount


SENTENCES: dict[Limit, str] = {
    "load_month": "You can add {left} more this month; the limit of your wallet is {most}.",
    "load_year": "You can add {left} more until the end of March; the limit is {most} a year.",
    "balance": "Your wallet can hold {most}, so there is room for {left} more.",
    "send_month": (
        "You can send {left} more this month to people who are not your registered payees"
        " (at most {most}). Register them on their page, and a day later it is more."
    ),
    "send_payee_month": "You can send them {left} more this month; the limit is {most}.",
    "new_device_day": (
        "In the first day on a new device you can send and withdraw {most}; {left} are left."
        " Wait a day, or use the device you had before."
    ),
}
