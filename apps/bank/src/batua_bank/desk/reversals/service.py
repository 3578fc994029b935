"""Reversals: one of the staff proposes, a second one makes or refuses it."""

from uuid import UUID

from batua_db import ledger
from batua_db.database import db
from batua_db.errors import Refused
from batua_db.ledger import AccountClosed, InsufficientFunds, OverReversed
from batua_db.models.bank_desk import Reversal, Staff
from batua_db.models.ledger import Transfer
from batua_db.money import Money

from . import queries
from .queries import PROPOSALS


def propose(staff: Staff, transfer_id: UUID, *, amount: Money, reason: str, key: UUID) -> UUID:
    """Propose that ``amount`` of a transfer goes back; nothing moves yet. Once per ``key``."""
    return PROPOSALS.propose(
        staff, lambda: queries.reversible(transfer_id), amount=amount, reason=reason, key=key
    )


def decide(staff: Staff, reversal_id: UUID, *, approve: bool, reason: str) -> None:
    """Make what a colleague proposed, or refuse it, in one transaction.

    What can't be made (the money is spent, the account closed) is refused with a sentence,
    and stays proposed.
    """
    PROPOSALS.decide(staff, reversal_id, approve=approve, reason=reason, make=_make)


def _make(reversal: Reversal) -> UUID:
    original = db.session.get_one(Transfer, reversal.reverses)
    try:
        return ledger.move(
            reversal.amount,
            debit=original.credit_account,
            credit=original.debit_account,
            kind="reversal",
            key=f"reversal:{reversal.id}",
            reverses=original.id,
            note=reversal.reason,
        ).id
    except InsufficientFunds as error:
        raise Refused(
            f"It is spent: {error.short_by} is missing in the account. The reversal stays"
            " proposed; make it when the money is there, or refuse it."
        ) from None
    except OverReversed as error:
        raise Refused(
            f"{error.short_by} of it went back before. Refuse it, and propose what is left."
        ) from None
    except AccountClosed:
        raise Refused("The account is closed, so no money moves. Refuse it.") from None
