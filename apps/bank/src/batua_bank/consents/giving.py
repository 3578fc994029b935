"""Giving a consent, in the transaction of the payment that it is given with."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import func

from batua_db.database import db
from batua_db.models.bank import Payment, PaymentSession
from batua_db.models.netbanking import Consent
from batua_db.money import Money

from .refusals import CapTooHigh

LIFE = timedelta(days=365)


def give(session: PaymentSession, payment: Payment, cap: Money) -> None:
    """Let the session's platform take up to ``cap`` a month from the account that paid.

    No more than it asked for, and for a year at most. The caller commits.
    """
    asked = session.consent_cap or Money(0)
    if cap > asked:
        raise CapTooHigh(asked)
    db.session.add(
        Consent(
            id=uuid4(),
            client=session.client,
            session_id=session.id,
            customer_id=session.decided_by,
            account_id=payment.account_id,
            bank_code=session.bank_code,
            reference=session.reference,
            cap=cap,
            expires_at=func.clock_timestamp() + LIFE,
        )
    )
    db.session.flush()
