"""Reads of payouts, and of the accounts that they may go to."""

from uuid import UUID

from sqlalchemy import select

from batua_bank.paging import Page, newest_first
from batua_db.database import db
from batua_db.models.outgoing import Payout


def payout(client: str, payout_id: UUID) -> Payout | None:
    """A payout of the client's."""
    mine = (Payout.client == client, Payout.id == payout_id)
    return db.session.scalar(select(Payout).where(*mine))


def payouts(client: str, *, reference: str | None, after: str | None, limit: int) -> Page[Payout]:
    """The client's payouts, the newest first; with a ``reference``, one at most."""
    mine = [Payout.client == client]
    if reference is not None:
        mine.append(Payout.reference == reference)
    return newest_first(Payout, *mine, by=Payout.created_at, after=after, limit=limit)
