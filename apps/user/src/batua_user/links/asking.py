"""What the bank is asked about links, and told of them, outside of any transaction."""

from uuid import UUID

from sqlalchemy import select

from batua_config import logs
from batua_db.database import db, transaction
from batua_db.models.links import BankLink
from batua_user import turns
from batua_user.bank.client import BankError, BankRefused
from batua_user.bank.consents import Consent
from batua_user.bank.current import bank

from . import service

log = logs.get(__name__)


def poll() -> int:
    """Ask about every link that is due; the worker's task."""
    asked = 0
    while link_id := turns.claim(BankLink, turns.due(BankLink)):
        ask_bank(link_id)
        asked += 1
    return asked


def ask_bank(link_id: UUID) -> None:
    """Learn what was allowed, or say that it is used no more. Else the next turn asks again."""
    with transaction():
        asked = select(BankLink.state, BankLink.topup_id, BankLink.consent_id)
        state, topup_id, consent_id = db.session.execute(asked.where(BankLink.id == link_id)).one()
    try:
        if state == "asked":
            service.learn(link_id, bank.consents(str(topup_id)))
        elif consent_id:
            _give_up(link_id, consent_id)
    except BankError as error:
        log.warning("the bank says nothing of a link", link_id=str(link_id), reason=str(error))


def look(link: BankLink) -> Consent | None:
    """How a link stands at the bank this moment, if it answers; one that is over is ended."""
    link_id, consent_id = link.id, link.consent_id or ""
    try:
        consent = bank.consent(consent_id)
    except BankRefused as error:
        if error.status != 404:
            return None
        consent, over = None, "not_found"
    except BankError:
        return None
    else:
        over = "" if consent.status == "active" else f"consent_{consent.status}"
    if over:
        with transaction():
            service.is_over(link_id, over)
    return consent


def _give_up(link_id: UUID, consent_id: str) -> None:
    try:
        bank.give_up(consent_id)
    except BankRefused as error:
        if error.status != 404:  # then it is gone, and that is what we wanted
            raise
    service.told(link_id)
