"""Taking money by a consent, and ending it.

Taking and ending hold the consent's row: what is taken at the moment it is revoked was
either taken before, or is refused.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func

from batua_bank.pay import capturing, lifecycle
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.bank import Customer, Payment
from batua_db.models.netbanking import Consent
from batua_db.money import Money

from . import queries
from .queries import Standing
from .refusals import ConsentExpired, ConsentRevoked, OverTheCap, TooLittle, UnknownConsent


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a platform takes without asking."""

    consent: UUID
    amount: Money
    reference: str
    description: str


def take(client: str, order: Order) -> Payment:
    """Pay a platform by a consent; answers the captured payment. The caller commits.

    Raises ``ConsentRevoked``, ``ConsentExpired``, ``OverTheCap``, ``TooLittle``, the ledger's
    ``AccountFrozen`` or ``AccountClosed``, and ``ReferenceUsed``.
    """
    standing = queries.hold(order.consent, Consent.client == client)
    if standing is None:
        raise UnknownConsent
    _refuse(standing, order.amount)
    consent = standing.consent
    session = lifecycle.write_approved(
        client,
        by=consent.customer_id,
        bank=consent.bank_code,
        amount=order.amount,
        reference=order.reference,
        description=order.description,
    )
    try:
        return capturing.capture(session, account=consent.account_id, consent=consent.id)
    except ledger.InsufficientFunds:
        raise TooLittle from None


def revoke(customer: Customer, consent_id: UUID) -> None:
    """End a consent of the customer's, at once and for good; ending it again changes nothing."""
    with transaction():
        _end(consent_id, "customer", Consent.customer_id == customer.id)


def give_up(client: str, consent_id: UUID) -> Standing:
    """End a consent that the platform does not want any more. The caller commits."""
    return _end(consent_id, "platform", Consent.client == client)


def _end(consent_id: UUID, by: str, whose: ColumnElement[bool]) -> Standing:
    standing = queries.hold(consent_id, whose)
    if standing is None:
        raise UnknownConsent
    consent = standing.consent
    if consent.status == "active":
        consent.status, consent.revoked_by = "revoked", by
        consent.revoked_at = func.clock_timestamp()
        db.session.flush()
    return standing


def _refuse(standing: Standing, amount: Money) -> None:
    if standing.status == "revoked":
        raise ConsentRevoked
    if standing.status == "expired":
        raise ConsentExpired
    if amount > standing.left:
        raise OverTheCap(standing.left)
