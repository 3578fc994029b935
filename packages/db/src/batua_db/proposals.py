"""Money that is moved back by hand at a desk: one of the staff proposes, another decides.

What is made is a movement like any other, once per key, and takes back no more than is left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from .database import db, transaction
from .errors import Conflict, IdempotencyMismatch, NotFound, Refused
from .models.ledger import Transfer
from .models.shared import ProposalMixin, StaffMixin
from .money import Money
from .staff import Desk


@dataclass(frozen=True, slots=True)
class Proposals:
    """The proposals of a desk; ``noun`` is what one is called, ``correction`` say."""

    desk: Desk
    model: type[ProposalMixin]
    noun: str

    def left(self, transfer: Transfer) -> Money:
        """How much of a transfer has not gone back so far, and is not proposed to."""
        gone = select(Transfer.amount).where(Transfer.reverses == transfer.id)
        waits = select(self.model.amount).where(
            self.model.reverses == transfer.id, self.model.state == "proposed"
        )
        taken = [*db.session.scalars(gone), *db.session.scalars(waits)]
        return transfer.amount - sum(taken, Money(0))

    def propose(
        self,
        staff: StaffMixin,
        find: Callable[[], Transfer],
        *,
        amount: Money,
        reason: str,
        key: UUID,
    ) -> UUID:
        """Propose that ``amount`` of a transfer goes back; nothing moves yet. Once per ``key``.

        ``find`` answers the transfer, or raises why it is not one to take back.
        """
        with transaction():
            transfer = find()
            terms = (transfer.id, amount, reason, staff.id)
            if earlier := db.session.get(self.model, key):
                if terms != (earlier.reverses, earlier.amount, earlier.reason, earlier.proposed_by):
                    raise IdempotencyMismatch
                return key
            if amount > (left := self.left(transfer)):
                raise Refused(f"Only {left} of it is left to go back.", field="amount")
            self._write(
                id=key, reverses=transfer.id, amount=amount, reason=reason, proposed_by=staff.id
            )
            named = {self.noun: str(key), "amount": str(amount)}
            self.desk.record(staff, f"propose_{self.noun}", transfer.id, reason, **named)
        return key

    def decide(
        self,
        staff: StaffMixin,
        proposal_id: UUID,
        *,
        approve: bool,
        reason: str,
        make: Callable[[Any], UUID],
    ) -> None:
        """Make what a colleague proposed, or refuse it, in one transaction.

        ``make`` moves the money and answers the transfer, or raises why it can't; then it
        stays proposed.
        """
        with transaction():
            proposal = self._lock(proposal_id)
            if self._is_done(proposal, staff, approve=approve):
                return
            proposal.decided_by, proposal.decided_at = staff.id, func.clock_timestamp()
            proposal.state = "made" if approve else "refused"
            if approve:
                proposal.transfer_id = make(proposal)
            what = f"make_{self.noun}" if approve else f"refuse_{self.noun}"
            named = {self.noun: str(proposal.id), "amount": str(proposal.amount)}
            self.desk.record(staff, what, proposal.reverses, reason, **named)

    def _lock(self, proposal_id: UUID) -> Any:
        """Hold a proposal until the transaction ends, as it now is."""
        query = select(self.model).where(self.model.id == proposal_id).with_for_update()
        found = db.session.scalar(query.execution_options(populate_existing=True))
        if found is None:
            raise NotFound(f"There is no such {self.noun}.")
        return found

    def _is_done(self, proposal: ProposalMixin, staff: StaffMixin, *, approve: bool) -> bool:
        """Whether the same member of staff did just this before; raises why they may not."""
        if proposal.proposed_by == staff.id:
            raise Refused(f"You proposed this {self.noun}, so a colleague decides about it.")
        if proposal.state == "proposed":
            return False
        same = proposal.state == ("made" if approve else "refused")
        if same and proposal.decided_by == staff.id:
            return True
        raise Conflict(f"A colleague has decided this {self.noun} by now.")

    def _write(self, **proposal: object) -> None:
        """Keep a proposal, unless its key was used by another at the same moment."""
        row = insert(self.model).values(**proposal).on_conflict_do_nothing()
        if db.session.scalar(row.returning(self.model.id)) is None:
            raise IdempotencyMismatch
