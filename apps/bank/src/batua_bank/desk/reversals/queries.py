"""What the pages of reversals read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from batua_bank.desk.accounts.queries import is_reversible
from batua_bank.desk.tables import DESK
from batua_db.database import db
from batua_db.errors import NotFound, Refused
from batua_db.models.bank import BankAccount, Customer
from batua_db.models.bank_desk import Reversal, Staff
from batua_db.models.ledger import Transfer
from batua_db.proposals import Proposals
from batua_ui.desk.queue import Queue

A_PAGE = 50

PROPOSALS = Proposals(DESK, Reversal, "reversal")


@dataclass(frozen=True, slots=True)
class Shown:
    """A reversal with whom it concerns."""

    reversal: Reversal
    proposer: Staff
    decider: Staff | None
    transfer: Transfer
    account: BankAccount
    customer: Customer

    @property
    def paid_in(self) -> bool:
        """Whether it was cash paid in that goes back."""
        return self.transfer.credit_account == self.account.id


def queue() -> Queue:
    """How many wait for a second member of staff."""
    waiting = select(func.count(), func.min(Reversal.created_at))
    count, oldest = db.session.execute(waiting.where(Reversal.state == "proposed")).one()
    return Queue("Reversals to decide", "desk.reversals.overview", "undo-2", count, oldest)


def reversible(transfer_id: UUID) -> Transfer:
    """A transfer that may be taken back; raises ``Refused`` with why another may not."""
    transfer = db.session.get(Transfer, transfer_id)
    if transfer is None or transfer.book != "bank":
        raise NotFound("There is no such movement.")
    if not is_reversible(transfer):
        raise Refused(
            "Only cash at the desk is taken back here. A payment comes back when its platform"
            " refunds it, through the API, so that both books agree; a payout is its receiver’s."
        )
    return transfer


def latest() -> Sequence[Shown]:
    """Those that wait, and after them those decided last."""
    waits = Reversal.state == "proposed"
    return _shown(waits.desc(), Reversal.created_at.desc())


def find(reversal_id: UUID) -> Shown:
    """One reversal."""
    found = _shown(Reversal.created_at, only=reversal_id)
    if not found:
        raise NotFound("There is no such reversal.")
    return found[0]


def _shown(*order: Any, only: UUID | None = None) -> Sequence[Shown]:
    proposer, decider = aliased(Staff), aliased(Staff)
    sides = (Transfer.debit_account, Transfer.credit_account)
    query = (
        select(Reversal, proposer, decider, Transfer, BankAccount, Customer)
        .join(proposer, proposer.id == Reversal.proposed_by)
        .outerjoin(decider, decider.id == Reversal.decided_by)
        .join(Transfer, Transfer.id == Reversal.reverses)
        .join(BankAccount, or_(*(BankAccount.id == side for side in sides)))
        .join(Customer, Customer.id == BankAccount.customer_id)
        .order_by(*order)
        .limit(A_PAGE)
        .execution_options(populate_existing=True)
    )
    if only:
        query = query.where(Reversal.id == only)
    return [Shown(*row) for row in db.session.execute(query)]
