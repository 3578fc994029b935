"""Asking the bank for a top-up, outside of any transaction: to collect it, or to take it.

A bank that is remembered takes it at once, as its customer allowed.

The top-up's id is the reference and the idempotency key, so that asking again after a
lost answer finds the session that was made.
"""

from urllib.parse import urlsplit
from uuid import UUID

from batua_config import logs
from batua_config.current import settings
from batua_db.database import db, transaction
from batua_db.errors import Refused, Unavailable
from batua_db.models.wallet import Topup
from batua_db.money import Money
from batua_user.bank.client import BankRefused, BankSilent, BankUnreachable
from batua_user.bank.current import bank
from batua_user.bank.orders import ConsentOrder, PaymentOrder
from batua_user.bank.values import PaymentSession
from batua_user.steps import note

from . import linked, service
from .linked import DESCRIPTION

log = logs.get(__name__)

WANTED = Money(20_000_00)  # what we would like to take a month; the customer may allow less
NOT_REACHED = "not reached"
TRY_LATER = "The bank can’t be reached right now. Nothing was taken. Try again in a few minutes."
NOT_TAKEN = "The bank did not take this. Nothing was taken from your account. Try another bank."


def open_at_bank(topup_id: UUID) -> None:
    """Ask for the first time.

    A clear no ends the top-up and is raised. Silence leaves it pending: the worker asks
    again with the same key.
    """
    try:
        done = _send(topup_id)
    except BankUnreachable:
        _fail(topup_id, NOT_REACHED)
        raise Unavailable(TRY_LATER, retry_after=60) from None
    except BankRefused as error:
        raise _refusal(topup_id, error) from None
    except BankSilent as error:
        log.warning("the bank is silent", topup_id=topup_id, reason=str(error))
        return
    if not done:
        raise Unavailable(TRY_LATER, retry_after=60)


def ask_again(topup_id: UUID) -> None:
    """Repeat an order whose answer was lost. Only a clear no of the bank ends it now."""
    try:
        _send(topup_id)
    except BankRefused as error:
        log.warning("refused in the end", topup_id=topup_id, code=error.code)
        if error.status != 503:
            _fail(topup_id, linked.why_not(topup_id, error.code) or NOT_TAKEN)


def _send(topup_id: UUID) -> bool:
    """Send the order; says whether all is well with the answer."""
    order = _order(topup_id)
    if isinstance(order, PaymentOrder):
        return _keep(topup_id, bank.open_session(order))
    service.book(topup_id, [bank.take(order)])
    return True


def _order(topup_id: UUID) -> PaymentOrder | ConsentOrder:
    with transaction():
        topup = db.session.get_one(Topup, topup_id)
        if topup.link_id:
            return linked.order(topup)
        return PaymentOrder(
            reference=str(topup.id),
            amount=topup.amount,
            bank=topup.bank_code,
            description=DESCRIPTION,
            return_url=f"{settings.public_url('user')}/add-money/{topup.id}",
            consent=WANTED if topup.remember else None,
        )


def _keep(topup_id: UUID, opened: PaymentSession) -> bool:
    """Note the bank's session; says whether people may be sent there."""
    ours = opened.url is not None and _is_at_bank(opened.url)
    with transaction():
        topup = service.lock(topup_id)
        if topup is None or topup.session_id is not None:
            return True
        if not ours:
            log.error("the bank's link leads elsewhere", topup_id=topup_id)
            service.close(topup, "failed", NOT_TAKEN)
            return False
        topup.session_id, topup.session_url = opened.id, opened.url
        topup.expires_at = opened.expires_at
        if topup.state == "pending":
            note(topup.id, "sent")
    return True


def _is_at_bank(url: str) -> bool:
    """Compare origins after parsing, never by how the text begins."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" == settings.public_url("bank")


def _refusal(topup_id: UUID, error: BankRefused) -> Refused | Unavailable:
    """End the top-up, and say why in words that help the person."""
    if error.status == 503:
        _fail(topup_id, NOT_REACHED)
        return Unavailable(TRY_LATER, retry_after=60)
    if why := linked.why_not(topup_id, error.code):
        _fail(topup_id, why)
        return Refused(why)
    if error.status in {404, 409, 410, 422} and error.message:
        _fail(topup_id, error.message)
        return Refused(f"The bank says: {error.message}")
    log.error("the bank refuses our calls", topup_id=topup_id, code=error.code)
    _fail(topup_id, NOT_TAKEN)
    return Unavailable(TRY_LATER, retry_after=60)


def _fail(topup_id: UUID, why: str) -> None:
    with transaction():
        if topup := service.lock(topup_id):
            service.close(topup, "failed", why)
