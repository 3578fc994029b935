"""Money that waits in suspense, and the bank's news of payments that are nobody's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Select, select

from batua_config.webhooks import Unreadable
from batua_db import ledger
from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.people import Step
from batua_db.models.wallet import Inbox, Topup, User
from batua_db.money import Money
from batua_ui.desk.queue import Queue
from batua_user.limits.queries import room_to_load
from batua_user.topups.returning import is_ours
from batua_user.webhooks.service import read

MOST = 50
WHY = {
    "amount": "The bank moved another amount than was asked for",
    "bank": "It came from another bank than was asked for",
    "closed": "The wallet was closed in the meantime",
    "limit": "The wallet would be above its limits",
}


@dataclass(frozen=True, slots=True)
class Held:
    """A top-up whose money waits: whose, since when, why, and what became of asking the bank."""

    topup: Topup
    user: User
    since: datetime
    reason: str
    refusal: str  # why the bank would not take it back; empty while it did not say no

    @property
    def amount(self) -> Money:
        """What the bank moved."""
        return self.topup.captured or Money(0)

    @property
    def why(self) -> str:
        """Why it could not be credited."""
        return WHY.get(self.reason, self.reason)

    @property
    def creditable(self) -> bool:
        """Whether it may be credited: the bank can't be giving it back at this moment."""
        return is_ours(self.topup)


@dataclass(frozen=True, slots=True)
class Orphan:
    """A message of the bank that is about nothing of ours."""

    type: str
    reference: str
    amount: Money | None
    at: datetime


def held() -> Sequence[Held]:
    """What waits, the longest first."""
    rows = db.session.execute(_waiting().order_by(Topup.created_at).limit(MOST))
    return [_held(row) for row in rows]


def find(topup_id: UUID) -> Held:
    """One that waits; one that does not is not there."""
    row = db.session.execute(_waiting().where(Topup.id == topup_id)).one_or_none()
    if row is None:
        raise NotFound("No money waits under this reference. Look for it among the operations.")
    return _held(row)


def room(held: Held) -> Money | None:
    """How much more the wallet could take now; ``None`` if nothing limits it."""
    allowance = room_to_load(held.user, ledger.balance(held.user.account_id))
    return allowance and allowance.left


def orphans() -> Sequence[Orphan]:
    """News of payments that are nobody's, the latest first."""
    query = select(Inbox).where(Inbox.outcome == "orphan").order_by(Inbox.received_at.desc())
    return [_orphan(each) for each in db.session.scalars(query.limit(MOST))]


def queue() -> Queue:
    """What waits, for the desk's first page; what the bank would not take needs a person."""
    found = held()
    kept = sum(bool(each.refusal) for each in found)
    text = f"{kept} the bank would not take back" if kept else ""
    oldest = min((each.since for each in found), default=None)
    tone = "bad" if kept else ""
    return Queue(
        "Money in suspense", "desk.suspense.queue", "clock", len(found), oldest, text, tone
    )


def _waiting() -> Select[Topup, User]:
    query = select(Topup, User).join(User, User.id == Topup.user_id)
    return query.where(Topup.state == "captured").execution_options(populate_existing=True)


def _held(row: Row[Topup, User]) -> Held:
    topup, user = row
    about = Step.subject == topup.id, Step.what.in_(("suspended", "kept"))
    steps = db.session.scalars(select(Step).where(*about).order_by(Step.created_at)).all()
    last = steps[-1] if steps else None
    refusal = last.note if last and last.what == "kept" and topup.check_at is None else ""
    return Held(
        topup,
        user,
        since=steps[0].created_at if steps else topup.created_at,
        reason=steps[0].note if steps else "",
        refusal=refusal,
    )


def _orphan(row: Inbox) -> Orphan:
    try:
        news = read(row.body.encode())
    except Unreadable:  # it was readable when it came; the reader may have changed
        return Orphan(row.type, "", None, row.received_at)
    about = news.payment or news.payout
    amount = news.payment.amount if news.payment else None
    return Orphan(row.type, about.reference if about else "", amount, row.received_at)
