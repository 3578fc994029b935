"""Refunds: from the platform back to the account that paid, never more than it paid.

The ledger itself holds a refund to its payment: it reverses that transfer, and the sum of
what reverses it never exceeds it. A frozen account takes it; a closed one can't.
"""

from typing import Any
from uuid import UUID, uuid4

from batua_bank.clients import registry
from batua_bank.outbox import announce
from batua_bank.pay import queries
from batua_db import ledger
from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.bank import Payment
from batua_db.models.outgoing import Refund
from batua_db.money import CURRENCY, Money


def refund(client: str, payment_id: UUID, *, amount: Money, reason: str) -> dict[str, Any]:
    """Give ``amount`` of a payment back; answers the refund. The caller commits.

    Raises the ledger's ``OverReversed``, ``InsufficientFunds`` or ``AccountClosed``.
    """
    payment = queries.payment(client, payment_id)
    if payment is None:
        raise NotFound("There is no such payment.")
    made = Refund(id=uuid4(), client=client, payment_id=payment.id, amount=amount, reason=reason)
    made.transfer_id = _move(payment, made)
    db.session.add(made)
    db.session.flush()
    told = of_refund(made, payment)
    announce(client, "refund.succeeded", told)
    return told


def of_refund(made: Refund, payment: Payment) -> dict[str, Any]:
    """A refund, as the API and its webhook tell it; ``reference`` is the payment's."""
    return {
        "id": str(made.id),
        "payment_id": str(payment.id),
        "reference": payment.reference,
        "amount": made.amount.paise,
        "currency": CURRENCY,
        "bank": payment.bank_code,
        "status": "succeeded",
        "reason": made.reason,
    }


def _move(payment: Payment, made: Refund) -> UUID:
    platform = registry.platform_account(payment.client, payment.bank_code)
    return ledger.move(
        made.amount,
        debit=platform,
        credit=payment.account_id,
        kind="refund",
        key=f"refund:{made.id}",
        reverses=payment.transfer_id,
        note=made.reason,
        details={"reference": payment.reference},
    ).id
