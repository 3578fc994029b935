"""What staff do about reconciliation: let payouts go on."""

from batua_db.database import db, transaction
from batua_db.errors import Conflict
from batua_db.models.desk import Halt, Staff
from batua_user.desk import acts
from batua_user.payouts import service as payouts


def resume(staff: Staff, *, reason: str) -> None:
    """Let payouts go on; the difference that stopped them will not stop them again."""
    with transaction():
        halt = db.session.get(Halt, payouts.HALT, with_for_update=True)
        if halt is None:
            raise Conflict("Payouts go on already: a colleague was quicker.")
        acts.record(staff, "resume_payouts", None, reason, stopped_for=halt.reason)
        payouts.resume()
