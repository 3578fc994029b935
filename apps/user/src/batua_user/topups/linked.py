"""Adding from a bank that is remembered: the PIN is the person's word, and nobody goes there."""

from uuid import UUID

from sqlalchemy import select

from batua_db.database import db, transaction
from batua_db.errors import DomainError
from batua_db.models.links import BankLink
from batua_db.models.wallet import Topup, User
from batua_db.money import Money
from batua_user.authorise import require_pin, verdict
from batua_user.bank.orders import ConsentOrder
from batua_user.links import service as links

from . import service

DESCRIPTION = "Add money to your Batua wallet"
# What the bank says for good about a consent, for the person who gave it.
OVER = {
    "consent_revoked": "You have ended this at {bank}, so nothing was taken.",
    "consent_expired": "It is a year since you allowed this at {bank}, so nothing was taken.",
    "not_found": "{bank} does not know this link any more, so nothing was taken.",
}
NOT_NOW = {
    "over_the_cap": "This is more than you allow at {bank} in a month, so nothing was taken.",
    "insufficient_funds": "Your account at {bank} does not hold as much. Nothing was taken.",
    "account_frozen": "Your account at {bank} is frozen. Nothing was taken.",
    "account_closed": "Your account at {bank} is closed. Nothing was taken.",
}


def ask(user: User, link_id: UUID, *, amount: Money, pin: str, key: UUID) -> tuple[UUID, bool]:
    """Write down what a person adds from a bank that is remembered: its id, and whether it is new.

    The PIN came with the amount and the account that it is for, and is good for no other. The
    try, its verdict and the top-up share one transaction.
    """
    require_pin(user)
    with transaction():
        asked = verdict(user, pin) or _write(user, link_id, amount, key)
    if isinstance(asked, DomainError):
        raise asked
    return asked


def order(topup: Topup) -> ConsentOrder:
    """What the bank is asked to take."""
    consent = select(BankLink.consent_id).where(BankLink.id == topup.link_id)
    return ConsentOrder(
        reference=str(topup.id),
        amount=topup.amount,
        consent=db.session.scalars(consent).one() or "",
        description=DESCRIPTION,
    )


def why_not(topup_id: UUID, code: str) -> str | None:
    """What a no of the bank means to the person, if it is about a consent of theirs.

    One that is over for good is not offered any more.
    """
    with transaction():
        topup = db.session.get_one(Topup, topup_id)
        sentence = (OVER | NOT_NOW).get(code) if topup.link_id else None
        if sentence is None or topup.link_id is None:
            return None
        if code in OVER:
            links.is_over(topup.link_id, code)
        return sentence.format(bank=topup.bank.name)


def _write(user: User, link_id: UUID, amount: Money, key: UUID) -> tuple[UUID, bool]:
    link = links.hold(user, link_id)
    return service.write_once(
        user, amount=amount, bank=link.bank_code, key=key, link=links.usable(link).id
    )
