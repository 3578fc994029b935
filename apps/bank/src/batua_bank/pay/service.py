"""What a customer decides about a payment: approve it, or decline it. Once."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from batua_bank.auth.service import OtherBank
from batua_bank.consents import giving
from batua_bank.outbox import announce
from batua_bank.seams import seams
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import DomainError
from batua_db.models.bank import Customer, Payment, PaymentSession, SessionStatus
from batua_db.money import Money

from . import capturing, facts, lifecycle, queries
from .mpin import check as check_mpin
from .refusals import Expired, NotYourAccount, TooLittle


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, by whom, in which form: the same again is the same answer."""

    status: SessionStatus
    by: Customer
    key: UUID
    account: UUID | None = None
    cap: Money | None = None  # of a standing consent that is given with it

    def was_made(self, found: queries.Found) -> bool:
        """Whether this very decision is what closed the session."""
        session = found.session
        closed = (found.status, session.decided_by, session.decision_key)
        if closed != (self.status, self.by.id, self.key):
            return False
        return self.account is None or self.account == _paid_from(session)


def approve(
    customer: Customer,
    token: str,
    *,
    account: UUID,
    mpin: str,
    key: UUID,
    cap: Money | None = None,
) -> str:
    """Pay a session from ``account``; answers where the customer goes back to.

    With ``cap`` the platform may take that much a month from it, without asking again.

    One transaction: the try at the MPIN, the claim of the session, the money, the payment
    and the news of it. Whoever decides the same session at the same time waits.
    """
    source = _source(customer, account)
    decision = Decision("succeeded", customer, key, source.id, cap)
    with transaction():
        found = lifecycle.hold(token)
        back = found.session.return_url
        if decision.was_made(found):
            return back
        session = _payable(found, customer)
        # Returned, not raised: a wrong try must be committed to stay counted.
        refusal = check_mpin(customer, mpin) or _decide(session, decision, source)
    if refusal:
        raise refusal
    return back


def decline(customer: Customer, token: str, *, key: UUID) -> str:
    """Turn a session down; answers where the customer goes back to."""
    decision = Decision("declined", customer, key)
    with transaction():
        found = lifecycle.hold(token)
        back = found.session.return_url
        if not decision.was_made(found):
            _decline(_payable(found, customer), decision)
    return back


def _payable(found: queries.Found, customer: Customer) -> PaymentSession:
    session = lifecycle.require_open(found)
    if customer.bank_code != session.bank_code:
        raise OtherBank(session.bank.name, customer.bank.name)
    return session


def _source(customer: Customer, account: UUID) -> queries.Source:
    mine = queries.sources(customer)
    source = next((each for each in mine if each.id == account), None)
    if source is None:
        raise NotYourAccount
    return source


def _decide(
    session: PaymentSession, decision: Decision, source: queries.Source
) -> DomainError | None:
    """Pay, or say why not, unless the bank itself declines: then the session is closed."""
    if seams.declines(session):
        _decline(session, replace(decision, status="declined", account=None))
        return None
    return seams.refusal(session, source.name) or _try_to_pay(session, decision, source)


def _decline(session: PaymentSession, decision: Decision) -> None:
    _claim(session, decision)
    lifecycle.note(session, "declined", decision.by)
    announce(session.client, "payment.declined", facts.of_session(session) | {"status": "declined"})


def _try_to_pay(
    session: PaymentSession, decision: Decision, source: queries.Source
) -> DomainError | None:
    """Claim and pay, or undo both and say why: the right MPIN stays counted as right."""
    try:
        with db.session.begin_nested():
            _claim(session, decision)
            payment = capturing.capture(session, account=source.id)
            if decision.cap:
                giving.give(session, payment, decision.cap)
            lifecycle.note(session, "approved", decision.by)
    except ledger.InsufficientFunds as error:
        return TooLittle(source.name, error.short_by)
    except DomainError as error:
        return error
    return None


def _claim(session: PaymentSession, decision: Decision) -> None:
    if not lifecycle.claim(session, decision.status, by=decision.by, key=decision.key):
        raise Expired(session)  # we hold its row, so only the clock can have closed it


def _paid_from(session: PaymentSession) -> UUID | None:
    return db.session.scalar(select(Payment.account_id).where(Payment.session_id == session.id))
