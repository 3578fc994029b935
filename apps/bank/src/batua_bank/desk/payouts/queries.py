"""What the desk reads of payouts."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from batua_bank.desk.news import Told, about
from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.clients import Client
from batua_db.models.outgoing import Payout
from batua_ui.desk.queue import Queue

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """A payout, and what its client was told."""

    payout: Payout
    client: Client
    news: Sequence[Told] = ()


def queue() -> Queue:
    """How many a worker has still to carry out."""
    waiting = select(func.count(), func.min(Payout.created_at)).where(Payout.status == "pending")
    count, oldest = db.session.execute(waiting).one()
    return Queue("Payouts to carry out", "desk.payouts.latest", "arrow-up-right", count, oldest)


def latest(before: UUID | None = None) -> tuple[Sequence[Shown], UUID | None]:
    """Payouts, newest first, from ``before`` on; and where older ones go on."""
    query = select(Payout, Client).join(Client, Client.id == Payout.client)
    if before:
        place = select(Payout.created_at).where(Payout.id == before)
        query = query.where(Payout.created_at < place.scalar_subquery())
    rows = db.session.execute(query.order_by(Payout.created_at.desc()).limit(A_PAGE + 1))
    found = [Shown(*row) for row in rows]
    return found[:A_PAGE], found[A_PAGE - 1].payout.id if len(found) > A_PAGE else None


def find(payout_id: UUID) -> Shown:
    """One payout; raises ``NotFound``."""
    row = db.session.execute(
        select(Payout, Client)
        .join(Client, Client.id == Payout.client)
        .where(Payout.id == payout_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such payout.")
    payout, client = row
    return Shown(payout, client, about(payout.client, payout.reference, payout.created_at))
