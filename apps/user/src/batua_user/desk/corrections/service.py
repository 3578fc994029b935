"""Corrections: one member of staff proposes, a second one makes or refuses it."""

from uuid import UUID

from sqlalchemy import select

from batua_db import ledger
from batua_db.database import db
from batua_db.errors import Refused
from batua_db.ledger import AccountClosed, InsufficientFunds, Moved, OverReversed
from batua_db.models.desk import Correction, Staff
from batua_db.models.ledger import Transfer
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_user.notices.service import tell

from . import queries
from .queries import PROPOSALS


def propose(staff: Staff, transfer_id: UUID, *, amount: Money, reason: str, key: UUID) -> UUID:
    """Propose that ``amount`` of a transfer goes back; nothing moves yet. Once per ``key``."""
    return PROPOSALS.propose(
        staff, lambda: queries.correctable(transfer_id), amount=amount, reason=reason, key=key
    )


def decide(staff: Staff, correction_id: UUID, *, approve: bool, reason: str) -> None:
    """Make what a colleague proposed, or refuse it, in one transaction.

    What can't be made (the money is spent, the wallet closed) is refused with a sentence,
    and stays proposed.
    """
    PROPOSALS.decide(staff, correction_id, approve=approve, reason=reason, make=_make)


def _make(correction: Correction) -> UUID:
    """Move it back, and tell both."""
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
    _tell(correction, original, moved)
    return moved.id


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
