"""Corrections: one member of staff proposes, a second one makes or refuses it.

A correction is a movement like any other, once per key, and takes back no more than is left.
"""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import Conflict, IdempotencyMismatch, NotFound, Refused
from batua_db.ledger import AccountClosed, InsufficientFunds, Moved, OverReversed
from batua_db.models.desk import Correction, Staff
from batua_db.models.ledger import Transfer
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_user.desk import acts
from batua_user.notices.service import tell

from . import queries


def propose(staff: Staff, transfer_id: UUID, *, amount: Money, reason: str, key: UUID) -> UUID:
    """Propose that ``amount`` of a transfer goes back; nothing moves yet. Once per ``key``."""
    with transaction():
        terms = (transfer_id, amount, reason, staff.id)
        if earlier := db.session.get(Correction, key):
            if terms != (earlier.reverses, earlier.amount, earlier.reason, earlier.proposed_by):
                raise IdempotencyMismatch
            return key
        left = queries.left(queries.correctable(transfer_id))
        if amount > left:
            raise Refused(f"Only {left} of it is left to go back.", field="amount")
        _write(id=key, reverses=transfer_id, amount=amount, reason=reason, proposed_by=staff.id)
        acts.record(
            staff,
            "propose_correction",
            transfer_id,
            reason,
            correction=str(key),
            amount=str(amount),
        )
    return key


def decide(staff: Staff, correction_id: UUID, *, approve: bool, reason: str) -> None:
    """Make what a colleague proposed, or refuse it, in one transaction.

    What can't be made (the money is spent, the wallet closed) is refused with a sentence,
    and stays proposed.
    """
    with transaction():
        correction = _lock(correction_id)
        if _is_done(correction, staff, approve=approve):
            return
        correction.decided_by, correction.decided_at = staff.id, func.clock_timestamp()
        correction.state = "made" if approve else "refused"
        if approve:
            _make(correction)
        what = "make_correction" if approve else "refuse_correction"
        details = {"correction": str(correction.id), "amount": str(correction.amount)}
        acts.record(staff, what, correction.reverses, reason, **details)


def _lock(correction_id: UUID) -> Correction:
    """Hold a correction until the transaction ends, as it now is."""
    query = select(Correction).where(Correction.id == correction_id).with_for_update()
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("There is no such correction.")
    return found


def _is_done(correction: Correction, staff: Staff, *, approve: bool) -> bool:
    """Whether the same member of staff did just this before; raises why they may not."""
    if correction.proposed_by == staff.id:
        raise Refused("You proposed this correction, so a colleague decides about it.")
    if correction.state == "proposed":
        return False
    same = correction.state == ("made" if approve else "refused")
    if same and correction.decided_by == staff.id:
        return True
    raise Conflict("A colleague has decided this correction by now.")


def _make(correction: Correction) -> None:
    original = db.session.get_one(Transfer, correction.reverses)
    try:
        moved = ledger.move(
            correction.amount,
            debit=original.credit_account,
            credit=original.debit_account,
            kind="correction",
            key=f"correction:{correction.id}",
            reverses=original.id,
            note=correction.reason,
        )
    except InsufficientFunds as error:
        raise Refused(
            f"They have spent it: {error.short_by} is missing in their wallet."
            " The correction stays proposed; make it when the money is there, or refuse it."
        ) from None
    except OverReversed as error:
        raise Refused(
            f"{error.short_by} of it went back in another way. Refuse it, and propose what is left."
        ) from None
    except AccountClosed:
        raise Refused("One of the two wallets is closed, so no money moves. Refuse it.") from None
    correction.transfer_id = moved.id
    _tell(correction, original, moved)


def _tell(correction: Correction, original: Transfer, moved: Moved) -> None:
    """Both hear of it, with the reason; whoever the money left by SMS, too."""
    accounts = (original.debit_account, original.credit_account)
    query = select(User.account_id, User.id).where(User.account_id.in_(accounts))
    sender, payee = map({row.account_id: row.id for row in db.session.execute(query)}.get, accounts)
    path, amount = f"/activity/{moved.id}", correction.amount
    if sender:
        tell(sender, "money_in", f"{amount} came back to you", correction.reason, path=path)
    if payee:
        tell(
            payee,
            "money_out",
            f"Batua took {amount} back",
            correction.reason,
            path=path,
            sms=f"Batua took back {amount} that you had received: {correction.reason}."
            f" Balance {moved.debit_balance}.",
        )


def _write(**correction: object) -> None:
    """Keep a proposal, unless its key was used by another at the same moment."""
    row = insert(Correction).values(**correction).on_conflict_do_nothing().returning(Correction.id)
    if db.session.scalar(row) is None:
        raise IdempotencyMismatch
