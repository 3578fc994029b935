"""What the desk reads of payment sessions and of what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from batua_bank.desk.news import Told, about
from batua_bank.pay.queries import status_now
from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.bank import (
    BankAccount,
    Customer,
    Payment,
    PaymentSession,
    SessionEvent,
    SessionStatus,
)
from batua_db.models.clients import Client
from batua_db.models.outgoing import Refund
from batua_db.money import Money

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A session as a list shows it."""

    session: PaymentSession
    status: SessionStatus
    client: Client


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a session, and by whom."""

    event: SessionEvent
    customer: Customer | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A session with all that belongs to it."""

    session: PaymentSession
    status: SessionStatus
    client: Client
    steps: Sequence[Step]
    payment: Payment | None
    account: BankAccount | None
    payer: Customer | None
    refunds: Sequence[Refund]
    news: Sequence[Told]

    @property
    def refunded(self) -> Money:
        """What went back."""
        return sum((each.amount for each in self.refunds), Money(0))


def latest(before: UUID | None = None) -> tuple[Sequence[Row], UUID | None]:
    """Sessions, newest first, from ``before`` on; and where older ones go on."""
    query = select(PaymentSession, status_now(), Client).join(
        Client, Client.id == PaymentSession.client
    )
    if before:
        place = select(PaymentSession.created_at).where(PaymentSession.id == before)
        query = query.where(PaymentSession.created_at < place.scalar_subquery())
    newest = query.order_by(PaymentSession.created_at.desc()).limit(A_PAGE + 1)
    found = [Row(*row) for row in db.session.execute(newest)]
    return found[:A_PAGE], found[A_PAGE - 1].session.id if len(found) > A_PAGE else None


def find(session_id: UUID) -> Shown:
    """One session; raises ``NotFound``."""
    row = db.session.execute(
        select(PaymentSession, status_now(), Client)
        .join(Client, Client.id == PaymentSession.client)
        .where(PaymentSession.id == session_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such payment.")
    session, status, client = row
    payment = db.session.scalar(select(Payment).where(Payment.session_id == session_id))
    account = payment and db.session.get_one(BankAccount, payment.account_id)
    return Shown(
        session=session,
        status=status,
        client=client,
        steps=_steps(session_id),
        payment=payment,
        account=account,
        payer=account and db.session.get_one(Customer, account.customer_id),
        refunds=_refunds(payment) if payment else (),
        news=about(session.client, session.reference, session.created_at),
    )


def _steps(session_id: UUID) -> Sequence[Step]:
    rows = db.session.execute(
        select(SessionEvent, Customer)
        .outerjoin(Customer, Customer.id == SessionEvent.customer_id)
        .where(SessionEvent.session_id == session_id)
        .order_by(SessionEvent.created_at)
    )
    return [Step(*row) for row in rows]


def _refunds(payment: Payment) -> Sequence[Refund]:
    return db.session.scalars(
        select(Refund).where(Refund.payment_id == payment.id).order_by(Refund.created_at)
    ).all()
