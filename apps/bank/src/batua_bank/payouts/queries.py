"""Reads of payouts, and of the accounts that they may go to."""

from uuid import UUID

from sqlalchemy import select

from batua_db.database import db
from batua_db.models.outgoing import Payout


def payout(client: str, payout_id: UUID) -> Payout | None:
    """A payout of the client's."""
    mine = (Payout.client == client, Payout.id == payout_id)
    return db.session.scalar(select(Payout).where(*mine))


def payouts(client: str, reference: str) -> list[Payout]:
    """The client's payouts with this reference: one at most."""
    mine = (Payout.client == client, Payout.reference == reference)
    return list(db.session.scalars(select(Payout).where(*mine)))
