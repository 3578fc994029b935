"""Reads of payment sessions."""

from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select

from batua_bank.paging import Page, newest_first
from batua_db.database import db
from batua_db.models.bank import BankAccount, Customer, Payment, PaymentSession, SessionStatus
from batua_db.models.ledger import Account, Status
from batua_db.money import Money

from . import links


def status_now() -> ColumnElement[SessionStatus]:
    """A session's status by the database's clock: time may be up before a worker came by."""
    over = (PaymentSession.status == "open") & (PaymentSession.expires_at <= func.clock_timestamp())
    return case((over, "expired"), else_=PaymentSession.status)


class Found(NamedTuple):
    """A session, and its status this moment."""

    session: PaymentSession
    status: SessionStatus


def by_token(token: str, *, hold: bool = False) -> Found | None:
    """The session that a link is of; with ``hold``, locked and as it is after any wait."""
    return _find(PaymentSession.token_hash == links.hash_token(token), hold=hold)


def by_id(client: str, session_id: UUID) -> Found | None:
    """A session of the client's."""
    return _find((PaymentSession.client == client) & (PaymentSession.id == session_id))


def _find(where: ColumnElement[bool], *, hold: bool = False) -> Found | None:
    query = select(PaymentSession, status_now()).where(where)
    if hold:
        query = query.with_for_update(of=PaymentSession, key_share=True)
    row = db.session.execute(query.execution_options(populate_existing=True)).one_or_none()
    if row and not hold and row[0].status == "open" and row[1] == "expired":
        # An approval that came in time may be committing: wait for it, for this answer is final.
        return _find(where, hold=True)
    return Found(*row) if row else None


class Source(NamedTuple):
    """An account that a payment could come from."""

    id: UUID
    label: str
    number: str
    balance: Money
    status: Status

    @property
    def name(self) -> str:
        """``Savings ··4471``."""
        return f"{self.label} ··{self.number[-4:]}"

    def can_pay(self, amount: Money) -> bool:
        """Whether it is open and holds enough."""
        return self.status == "open" and self.balance >= amount


def sources(customer: Customer) -> list[Source]:
    """The customer's accounts, the fullest first."""
    rows = db.session.execute(
        select(
            BankAccount.id, BankAccount.label, BankAccount.number, Account.balance, Account.status
        )
        .join(Account, Account.id == BankAccount.id)
        .where(BankAccount.customer_id == customer.id, Account.status != "closed")
        .order_by(Account.balance.desc(), BankAccount.number)
    )
    return [Source(*row) for row in rows]


Stuck = Literal["no_account", "account_frozen", "insufficient_funds"]


def why_stuck(sources: list[Source], amount: Money) -> Stuck | None:
    """Why none of the accounts can pay, in a word; ``None`` if one can."""
    if any(source.can_pay(amount) for source in sources):
        return None
    if not sources:
        return "no_account"
    frozen = any(source.status == "frozen" and source.balance >= amount for source in sources)
    return "account_frozen" if frozen else "insufficient_funds"


def payments(client: str, *, reference: str | None, after: str | None, limit: int) -> Page[Payment]:
    """The client's captured payments, the newest first; with a ``reference``, one at most."""
    mine = [Payment.client == client]
    if reference is not None:
        mine.append(Payment.reference == reference)
    return newest_first(Payment, *mine, by=Payment.captured_at, after=after, limit=limit)


def payment(client: str, payment_id: UUID) -> Payment | None:
    """A captured payment of the client's."""
    query = select(Payment).where(Payment.client == client, Payment.id == payment_id)
    return db.session.scalar(query)
