"""Where at the desk a number or a reference leads."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from batua_db.database import db
from batua_db.models.bank import BankAccount, Customer, Payment, PaymentSession
from batua_db.models.bank_desk import Reversal
from batua_db.models.ledger import Account, Transfer
from batua_db.models.outgoing import Payout, Refund


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the desk."""

    endpoint: str
    values: dict[str, Any]


Finder = Callable[[str], UUID | None]


def place_of(text: str) -> Place | None:
    """The page of what ``text`` names exactly, or nothing."""
    for endpoint, name, find in PLACES:
        if found := find(text):
            return Place(endpoint, {name: found})
    return None


def _by(
    column: InstrumentedAttribute[UUID] | InstrumentedAttribute[str],
    wanted: InstrumentedAttribute[UUID],
) -> Finder:
    """Find ``wanted`` of the newest row that has ``text`` in ``column``."""

    def find(text: str) -> UUID | None:
        value = UUID(text) if is_id else text
        return db.session.scalar(select(wanted).where(column == value).limit(1))

    is_id = column.type.python_type is UUID
    return lambda text: find(text) if not is_id or _is_uuid(text) else None


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _digits(finder: Finder) -> Finder:
    """The same for numbers, which are written in groups as well."""
    return lambda text: finder(text.replace(" ", ""))


def _movement(text: str) -> UUID | None:
    if not _is_uuid(text):
        return None
    query = select(Transfer.id).where(Transfer.id == UUID(text), Transfer.book == "bank")
    return db.session.scalar(query)


def _account(text: str) -> UUID | None:
    if not _is_uuid(text):
        return None
    return db.session.scalar(
        select(Account.id).where(Account.id == UUID(text), Account.book == "bank")
    )


CUSTOMER = ("desk.customers.customer", "customer_id")
ACCOUNT = ("desk.accounts.account", "account_id")
SESSION = ("desk.payments.payment", "session_id")
PAYOUT = ("desk.payouts.payout", "payout_id")

PLACES: tuple[tuple[str, str, Finder], ...] = (
    (*CUSTOMER, _digits(_by(Customer.number, Customer.id))),
    (*ACCOUNT, _digits(_by(BankAccount.number, BankAccount.id))),
    (*CUSTOMER, _by(Customer.id, Customer.id)),
    (*ACCOUNT, _account),
    (*SESSION, _by(PaymentSession.id, PaymentSession.id)),
    (*SESSION, _by(PaymentSession.reference, PaymentSession.id)),
    (*SESSION, _by(Payment.id, Payment.session_id)),
    (*PAYOUT, _by(Payout.id, Payout.id)),
    (*PAYOUT, _by(Payout.reference, Payout.id)),
    ("desk.reversals.reversal", "reversal_id", _by(Reversal.id, Reversal.id)),
    ("desk.accounts.movement", "transfer_id", _movement),
    ("desk.accounts.movement", "transfer_id", _by(Refund.id, Refund.transfer_id)),
)
