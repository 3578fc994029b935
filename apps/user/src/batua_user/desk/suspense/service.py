"""What staff do with money in suspense: credit it after all, or send it back to the bank now."""

from uuid import UUID

from batua_config import logs
from batua_db.database import transaction
from batua_db.models.desk import Staff
from batua_user.bank.client import BankError
from batua_user.desk import acts
from batua_user.topups import returning

log = logs.get(__name__)


def credit(staff: Staff, topup_id: UUID, *, reason: str) -> None:
    """Credit it to the person, in the amount that came; raises why it can't be."""
    with transaction():
        returning.credit(topup_id)
        acts.record(staff, "credit_suspense", topup_id, reason)


def send_back(staff: Staff, topup_id: UUID, *, reason: str) -> None:
    """Ask the bank to take it back, now; without an answer the worker asks again."""
    with transaction():
        returning.ask_again(topup_id)
        acts.record(staff, "return_suspense", topup_id, reason)
    try:
        returning.give_back(topup_id)
    except BankError as error:
        log.warning("the bank was not reached", topup_id=topup_id, reason=str(error))
