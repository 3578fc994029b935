"""Giving back to the bank what came and could not be credited.

The money waits in suspense. The bank is asked, outside of any transaction and with one key,
to refund its payment; then suspense is emptied and the person is told.
"""

from uuid import UUID

from sqlalchemy import select

from batua_config import logs
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.ledger import Transfer
from batua_db.models.wallet import Topup
from batua_db.money import Money
from batua_user.bank.client import BankRefused
from batua_user.bank.current import bank
from batua_user.house import suspense
from batua_user.notices.service import tell
from batua_user.steps import note

from . import service

log = logs.get(__name__)

REASON = "Batua could not credit it"
NEVER = {404, 409, 422}  # asking again would be answered the same


def give_back(topup_id: UUID) -> None:
    """Have a top-up's payment refunded, and book it; raises ``BankError`` if nobody knows."""
    with transaction():
        topup = service.lock(topup_id)
        if topup is None or topup.state != "captured" or topup.payment_id is None:
            return
        payment, amount = topup.payment_id, topup.captured or Money(0)
    try:
        refund = bank.refund(payment, amount, reason=REASON, key=f"refund:{topup_id}")
    except BankRefused as error:
        if error.status not in NEVER:
            raise
        log.error("the bank takes nothing back", topup_id=topup_id, code=error.code)
        _keep(topup_id, error.message)
    else:
        _book(topup_id, refund)


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
