"""Capturing a payment: the money, the payment, and the news of it, in the caller's transaction."""

from uuid import UUID

from batua_bank.clients import registry
from batua_bank.outbox import announce
from batua_db import ledger
from batua_db.database import db
from batua_db.models.bank import Payment, PaymentSession

from . import facts


def capture(session: PaymentSession, *, account: UUID, consent: UUID | None = None) -> Payment:
    """Move what an approved session asks for to its platform; ``consent`` if nobody was asked.

    Raises the ledger's ``InsufficientFunds``, ``AccountFrozen`` or ``AccountClosed``.
    """
    moved = ledger.move(
        session.amount,
        debit=account,
        credit=registry.platform_account(session.client, session.bank_code),
        kind="payment",
        key=f"payment:{session.id}",
        note=session.description,
        details={"reference": session.reference},
    )
    payment = Payment(
        client=session.client,
        session_id=session.id,
        bank_code=session.bank_code,
        account_id=account,
        reference=session.reference,
        amount=session.amount,
        status="succeeded",
        transfer_id=moved.id,
        captured_at=session.decided_at,
        consent_id=consent,
    )
    db.session.add(payment)
    db.session.flush()  # names it
    announce(session.client, "payment.succeeded", facts.of_payment(payment))
    return payment
