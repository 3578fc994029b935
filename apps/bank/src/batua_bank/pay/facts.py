"""What clients are told of sessions and payments: by the API, and in webhooks alike."""

from typing import Any

from batua_db.models.bank import Payment, PaymentSession
from batua_db.money import CURRENCY


def of_session(session: PaymentSession) -> dict[str, Any]:
    """A session that was decided or ran out, as a webhook names it."""
    return {
        "id": str(session.id),
        "reference": session.reference,
        "amount": session.amount.paise,
        "currency": CURRENCY,
        "bank": session.bank_code,
        "status": session.status,
    }


def of_payment(payment: Payment) -> dict[str, Any]:
    """A captured payment."""
    return {
        "id": str(payment.id),
        "session_id": str(payment.session_id),
        "reference": payment.reference,
        "amount": payment.amount.paise,
        "currency": CURRENCY,
        "bank": payment.bank_code,
        "status": payment.status,
        "captured_at": payment.captured_at.isoformat(),
    }
