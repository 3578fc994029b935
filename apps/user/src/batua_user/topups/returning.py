"""Giving back to the bank what came and could not be credited.

The money waits in suspense. The bank is asked, outside of any transaction and with one key,
to refund its payment; then suspense is emptied and the person is told.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from batua_config import logs
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import Conflict
from batua_db.models.ledger import Transfer
from batua_db.models.wallet import Topup, User
from batua_db.money import Money
from batua_user import steps
from batua_user.bank.client import BankRefused
from batua_user.bank.current import bank
from batua_user.house import suspense
from batua_user.limits.service import Use, count, rules
from batua_user.notices.service import tell
from batua_user.steps import note

from . import service

log = logs.get(__name__)

REASON = "Batua could not credit it"
OVER = "This money does not wait any more: look at its page."
ASKED = (
    "The bank has been asked to take it back, and may be doing so. It can be credited"
    " when the bank has said no."
)
NEVER = {404, 409, 422}  # asking again would be answered the same
SHORT = "insufficient_funds"  # of what we hold at that bank, until more comes in
SHORT_WAITS = (5, 60, 600)  # seconds from such a no to the next question, then
SHORT_WAIT = 3600
MOST_SHORT = 48  # after that a person has to look


def give_back(topup_id: UUID) -> None:
    """Have a top-up's payment refunded, and book it; raises ``BankError`` if nobody knows."""
    with transaction():
        topup = service.lock(topup_id)
        if topup is None or topup.state != "captured" or topup.payment_id is None:
            return
        payment, amount = topup.payment_id, topup.captured or Money(0)
        key = _key(topup_id)
    try:
        refund = bank.refund(payment, amount, reason=REASON, key=key)
    except BankRefused as error:
        if error.status not in NEVER:
            raise
        if error.code == SHORT and _wait_for_more(topup_id):
            return
        log.error("the bank takes nothing back", topup_id=topup_id, code=error.code)
        _keep(topup_id, error.message)
    else:
        _book(topup_id, refund)


def ask_again(topup_id: UUID) -> None:
    """Let it be given back now, whatever was answered before; the caller commits."""
    topup = service.lock(topup_id)
    if topup is None or topup.state != "captured":
        raise Conflict(OVER)
    topup.check_at, topup.checks = func.clock_timestamp(), max(1, topup.checks)


def credit(topup_id: UUID) -> None:
    """Credit it to the person after all; the caller commits.

    Only what the bank certainly still leaves with us: it was not asked to take it back, or
    has said no. Leaving suspense is one event, and has one key, wherever the money goes.
    Raises ``LimitReached`` or ``AccountClosed`` where it still does not fit.
    """
    topup = service.lock(topup_id)
    if topup is None or topup.state != "captured":
        raise Conflict(OVER)
    if not is_ours(topup):
        raise Conflict(ASKED)
    person, amount = db.session.get_one(User, topup.user_id), topup.captured or Money(0)
    moved = ledger.move(
        amount,
        debit=suspense(),
        credit=person.account_id,
        kind="topup",
        key=f"topup:{topup.id}:refund",
        details={"payment": topup.payment_id},
    )
    uses = [Use("load_month", amount), Use("load_year", amount)]
    count(person.id, rules(person.tier), *uses, holds=moved.credit_balance)
    topup.state, topup.check_at, topup.transfer_id = "credited", None, moved.id
    note(topup.id, "credited")
    service.tell_credited(topup, moved)


def is_ours(topup: Topup) -> bool:
    """Whether the bank can't be giving it back at this moment. The caller holds the top-up."""
    return topup.check_at is None or topup.checks == 0


def _key(topup_id: UUID) -> str:
    """A refund that the bank refused for good is asked for anew under a key of its own."""
    refused = sum(step.what in {"kept", "short"} for step in steps.of(topup_id))
    return f"refund:{topup_id}" + (f":{refused}" if refused else "")


def _wait_for_more(topup_id: UUID) -> bool:
    """Ask again later where we hold too little at the bank now; ``False`` once it was too often."""
    with transaction():
        topup = service.lock(topup_id)
        times = sum(step.what == "short" for step in steps.of(topup_id))
        if topup is None or topup.state != "captured" or times >= MOST_SHORT:
            return False
        wait = SHORT_WAITS[times] if times < len(SHORT_WAITS) else SHORT_WAIT
        topup.check_at = func.clock_timestamp() + timedelta(seconds=wait)
        note(topup.id, "short")
    log.warning("we hold too little at a bank to give it back yet", topup_id=topup_id)
    return True


def _keep(topup_id: UUID, why: str) -> None:
    """Leave it in suspense, where the desk sees it: a person has to look."""
    with transaction():
        topup = service.lock(topup_id)
        if topup and topup.state == "captured":
            topup.check_at = None
            note(topup.id, "kept", why)


def _book(topup_id: UUID, refund: str) -> None:
    with transaction():
        topup = service.lock(topup_id)
        if topup is None or topup.state != "captured":
            return
        came = db.session.scalars(
            select(Transfer.debit_account).where(Transfer.id == topup.transfer_id)
        ).one()
        back = ledger.move(
            topup.captured or Money(0),
            debit=suspense(),
            credit=came,
            kind="topup_refund",
            key=f"topup:{topup.id}:refund",
            reverses=topup.transfer_id,
            details={"refund": refund},
        )
        topup.state, topup.check_at = "refunded", None
        topup.bank_refund_id, topup.refund_id = refund, back.id
        note(topup.id, "refunded")
        _tell(topup)


def _tell(topup: Topup) -> None:
    tell(
        topup.user_id,
        "topup",
        f"{topup.captured} is back at {topup.bank.name}",
        "Your wallet could not take it. It is in the account that you paid from.",
        path=f"/add-money/{topup.id}",
        sms=f"{topup.captured} could not be added to your Batua wallet, and is back in your"
        f" account at {topup.bank.name}.",
    )
