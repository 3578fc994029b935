"""What the pages of corrections read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from batua_db.database import db
from batua_db.errors import NotFound, Refused
from batua_db.models.desk import Correction, Staff
from batua_db.models.ledger import Transfer
from batua_db.models.wallet import User
from batua_db.proposals import Proposals
from batua_ui.desk.queue import Queue
from batua_user.desk.tables import DESK

A_PAGE = 50

# Only what no other machine counts on. A withdrawal or a top-up must mirror the bank's book;
# a payment's refunds and a bill's are counted by the payment and the bill; those have ways of
# their own to come back.
CORRECTABLE = frozenset({"send"})

PROPOSALS = Proposals(DESK, Correction, "correction")


@dataclass(frozen=True, slots=True)
class Shown:
    """A correction with whom it concerns: it goes from ``payee`` back to ``sender``."""

    correction: Correction
    proposer: Staff
    decider: Staff | None
    transfer: Transfer
    sender: User
    payee: User


def queue() -> Queue:
    """How many wait for a second member of staff."""
    waiting = select(func.count(), func.min(Correction.created_at))
    count, oldest = db.session.execute(waiting.where(Correction.state == "proposed")).one()
    return Queue("Corrections to decide", "desk.corrections.overview", "undo-2", count, oldest)


def latest() -> Sequence[Shown]:
    """Those that wait, and after them those decided last."""
    waits = Correction.state == "proposed"
    return _shown(waits.desc(), Correction.created_at.desc())


def find(correction_id: UUID) -> Shown:
    """One correction."""
    found = _shown(Correction.created_at, only=correction_id)
    if not found:
        raise NotFound("There is no such correction.")
    return found[0]


def correctable(transfer_id: UUID) -> Transfer:
    """A transfer that may be corrected; raises ``Refused`` with why another may not."""
    transfer = db.session.get(Transfer, transfer_id)
    if transfer is None or transfer.book != "wallet":
        raise NotFound("There is no such transfer.")
    if transfer.kind not in CORRECTABLE:
        raise Refused(
            "Only money sent from person to person can be corrected here."
            " The rest comes back by refunds, and by the bank’s word."
        )
    return transfer


def _shown(*order: Any, only: UUID | None = None) -> Sequence[Shown]:
    proposer, decider, sender, payee = aliased(Staff), aliased(Staff), aliased(User), aliased(User)
    query = (
        select(Correction, proposer, decider, Transfer, sender, payee)
        .join(proposer, proposer.id == Correction.proposed_by)
        .outerjoin(decider, decider.id == Correction.decided_by)
        .join(Transfer, Transfer.id == Correction.reverses)
        .join(sender, sender.account_id == Transfer.debit_account)
        .join(payee, payee.account_id == Transfer.credit_account)
        .order_by(*order)
        .limit(A_PAGE)
        .execution_options(populate_existing=True)
    )
    if only:
        query = query.where(Correction.id == only)
    return [Shown(*row) for row in db.session.execute(query)]
