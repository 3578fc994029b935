"""Reads of what a customer has let platforms take, and what those gave back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, cast, func, select, tuple_

from batua_db.database import db
from batua_db.models.bank import BankAccount, Customer, Payment, PaymentSession
from batua_db.models.clients import Client
from batua_db.models.outgoing import Refund
from batua_db.money import Money, MoneyColumn

A_PAGE = 20


@dataclass(frozen=True, slots=True)
class Authorised:
    """A payment that the customer authorised; ``by_consent`` if beforehand."""

    id: UUID
    payee: str
    legal_name: str
    at: datetime
    amount: Money
    reference: str
    description: str
    account: str
    by_consent: bool
    refunded: Money


def authorised(customer: Customer, *, after: UUID | None = None) -> list[Authorised]:
    """The customer's payments, newest first; one more than a page if there are older ones."""
    query = (
        select(Payment, PaymentSession.description, Client.name, Client.legal_name)
        .add_columns(BankAccount.label, BankAccount.number)
        .join(BankAccount, BankAccount.id == Payment.account_id)
        .join(PaymentSession, PaymentSession.id == Payment.session_id)
        .join(Client, Client.id == Payment.client)
        .where(BankAccount.customer_id == customer.id)
        .order_by(Payment.captured_at.desc(), Payment.id.desc())
        .limit(A_PAGE + 1)
    )
    if after:
        last = select(Payment.captured_at, Payment.id).where(Payment.id == after).subquery()
        here = tuple_(Payment.captured_at, Payment.id)
        query = query.where(here < select(last.c.captured_at, last.c.id).scalar_subquery())
    rows = db.session.execute(query).all()
    back = _refunded([row.Payment.id for row in rows])
    return [_told(row, back.get(row.Payment.id, Money(0))) for row in rows]


def _told(row: "Row[*tuple[Payment, str, str, str, str, str]]", refunded: Money) -> Authorised:
    payment, description, name, legal_name, label, number = row
    return Authorised(
        id=payment.id,
        payee=name,
        legal_name=legal_name,
        at=payment.captured_at,
        amount=payment.amount,
        reference=payment.reference,
        description=description,
        account=f"{label} ··{number[-4:]}",
        by_consent=payment.consent_id is not None,
        refunded=refunded,
    )


def _refunded(payments: Sequence[UUID]) -> dict[UUID, Money]:
    given = cast(func.sum(Refund.amount), MoneyColumn)
    query = select(Refund.payment_id, given).where(Refund.payment_id.in_(payments))
    rows = db.session.execute(query.group_by(Refund.payment_id))
    return {row[0]: row[1] for row in rows}
