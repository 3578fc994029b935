"""Reads of refunds."""

from uuid import UUID

from batua_bank.paging import Page, newest_first
from batua_bank.pay import queries
from batua_db.errors import NotFound
from batua_db.models.bank import Payment
from batua_db.models.outgoing import Refund


def refunds(
    client: str, payment_id: UUID, *, after: str | None, limit: int
) -> tuple[Payment, Page[Refund]]:
    """A payment of the client's, and its refunds, the newest first; raises ``NotFound``."""
    payment = queries.payment(client, payment_id)
    if payment is None:
        raise NotFound("There is no such payment.")
    of_it = Refund.payment_id == payment.id
    return payment, newest_first(Refund, of_it, by=Refund.created_at, after=after, limit=limit)
