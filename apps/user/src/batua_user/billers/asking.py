"""Asking billers about payments, outside of any transaction, until they answer."""

from uuid import UUID

from batua_config import logs
from batua_db.database import db, transaction
from batua_db.ledger import AccountClosed
from batua_db.models.payments import BillPayment
from batua_user import turns

from . import network, service
from .values import BillerSilent

log = logs.get(__name__)


def poll() -> int:
    """Ask about every payment that is due; the worker's task."""
    asked = 0
    while payment_id := turns.claim(BillPayment, turns.due(BillPayment)):
        ask(payment_id)
        asked += 1
    return asked


def look(payment_id: UUID) -> None:
    """Ask for someone who pays, or looks at the page of it, if it is time to."""
    if turns.claim(BillPayment, turns.due(BillPayment), BillPayment.id == payment_id):
        ask(payment_id)


def ask(payment_id: UUID) -> None:
    """Ask the biller to take a payment, and record its answer; silence leaves it as it is."""
    with transaction():
        payment = db.session.get_one(BillPayment, payment_id)
        code, terms = payment.biller_code, (payment.reference, payment.amount)
    try:
        service.settle(payment_id, network.reach(code).pay(payment_id, *terms))
    except (BillerSilent, AccountClosed) as error:
        log.warning("a bill waits", payment_id=payment_id, biller=code, reason=str(error))
