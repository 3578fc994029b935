"""The world that the documentation speaks of: what its examples name is really there."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select

from batua_bank import demo
from batua_bank.api import consent_examples, examples, settlement_files
from batua_bank.clients import registry
from batua_bank.outbox import announce
from batua_bank.refunds.service import refund
from batua_bank.settlement import service
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.bank import Bank, BankAccount, Payment, PaymentSession
from batua_db.models.netbanking import Consent
from batua_db.models.outbox import Dispatch, Event
from batua_db.models.outgoing import Payout
from batua_db.money import Money

ORIGIN = "https://batua.example"


def fund() -> None:
    """Give the wallet's account at SBB enough to pay from."""
    with transaction():
        cash = db.session.scalars(select(Bank.cash_account).where(Bank.code == "SBB")).one()
        platform = registry.platform_account("wallet", "SBB")
        ledger.move(Money(10**9), debit=cash, credit=platform, kind="test", key="fund")


def happen(*, refunded: bool) -> None:
    """Let the payment, the payout and the event of the examples have happened."""
    with transaction():
        account = db.session.scalars(
            select(BankAccount.id).where(BankAccount.number == demo.CUSTOMERS[0].account)
        ).one()
        _pay(account)
        db.session.add(_payout())
        db.session.add(_consent(account))
        announce("wallet", "payment.succeeded", examples.PAYMENT)
        db.session.flush()
        _rename(examples.EVENT["id"])
        if refunded:
            refund("wallet", UUID(examples.PAYMENT["id"]), amount=Money(500_00), reason="")
    ledger.fold()
    _close_a_day()


def _pay(account: UUID) -> None:
    session, payment = examples.SESSION, examples.PAYMENT
    terms = {
        "client": "wallet",
        "bank_code": "SBB",
        "reference": payment["reference"],
        "amount": Money(payment["amount"]),
    }
    moved = ledger.move(
        Money(payment["amount"]),
        debit=account,
        credit=registry.platform_account("wallet", "SBB"),
        kind="payment",
        key=f"payment:{session['id']}",
    )
    db.session.add(
        PaymentSession(
            **terms,
            id=UUID(session["id"]),
            description=session["description"],
            return_url=session["return_url"],
            status="succeeded",
            token_hash=uuid4().bytes,
            expires_at=datetime.fromisoformat(session["expires_at"]),
            decided_at=func.clock_timestamp(),
        )
    )
    db.session.flush()
    db.session.add(
        Payment(
            **terms,
            id=UUID(payment["id"]),
            session_id=UUID(session["id"]),
            account_id=account,
            transfer_id=moved.id,
        )
    )


def _consent(account: UUID) -> Consent:
    told = consent_examples.CONSENT
    return Consent(
        id=UUID(told["id"]),
        client="wallet",
        session_id=UUID(examples.SESSION["id"]),
        customer_id=db.session.get_one(BankAccount, account).customer_id,
        account_id=account,
        bank_code="SBB",
        reference=told["reference"],
        cap=Money(told["cap"]),
        expires_at=func.clock_timestamp() + timedelta(days=365),
    )


def _close_a_day() -> None:
    """Close the day of the examples, long before anything happened."""
    day = date.fromisoformat(settlement_files.EXAMPLE["items"][0]["day"])
    own = service.Own("wallet", "SBB", registry.platform_account("wallet", "SBB"))
    service._close(own, service.Begun(day, 0, 0))  # pyright: ignore[reportPrivateUsage]


def _payout() -> Payout:
    terms = dict(examples.PAYOUT_TERMS)
    for spoken in ("currency", "bank", "amount"):
        del terms[spoken]
    return Payout(
        **terms,
        id=UUID(examples.PAYOUT["id"]),
        client="wallet",
        bank_code="SBB",
        amount=Money(examples.PAYOUT["amount"]),
    )


def _rename(name: str) -> None:
    """Give the event its name in the examples, where nothing refers to it."""
    db.session.query(Dispatch).delete()
    db.session.query(Event).update({"id": name})
