"""An operation by any id that belongs to it, and what books and bank say of it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, or_, select

from batua_db.database import db
from batua_db.errors import NotFound
from batua_db.models.desk import Correction
from batua_db.models.ledger import Transfer
from batua_db.models.wallet import Inbox
from batua_user.activity import kinds as names
from batua_user.activity import parties
from batua_user.activity.lines import OPERATION
from batua_user.activity.parties import BATUA
from batua_user.story import Knot

from .kinds import KINDS
from .values import Booked, Operation


def is_operation(reference: UUID) -> bool:
    """Whether ``reference`` names an operation, or a movement of one."""
    columns = [column for column, _ in KINDS] + [Transfer.id]
    return bool(
        db.session.scalar(select(or_(*(exists().where(each == reference) for each in columns))))
    )


def find(reference: UUID) -> Operation:
    """The operation of ``reference``: its own id, or that of a movement of it."""
    transfer = db.session.get(Transfer, reference)
    found = _of(_operation_of(transfer) if transfer else reference)
    if found is None and transfer is not None:
        return _bare(transfer)
    if found is None:
        raise NotFound("There is no such operation.")
    return found


def booked(operation: Operation) -> Sequence[Booked]:
    """Its movements in the ledger, and those that took them back, oldest first."""
    own = select(Transfer.id).where(Transfer.book == "wallet", Transfer.key.in_(operation.keys))
    ids = db.session.scalars(own).all()
    query = select(Transfer).where(or_(Transfer.id.in_(ids), Transfer.reverses.in_(ids)))
    moves = db.session.scalars(query.order_by(Transfer.created_at, Transfer.id)).all()
    accounts = {account for each in moves for account in (each.debit_account, each.credit_account)}
    whose = parties.of_accounts(accounts)
    return [
        Booked(each, whose.get(each.debit_account, BATUA), whose.get(each.credit_account, BATUA))
        for each in moves
    ]


def news(operation: Operation) -> Sequence[Inbox]:
    """What the bank told us of it, oldest first. Messages of payouts are known by their text."""
    if not operation.news:
        return []
    about = Inbox.topup_id == operation.id
    if operation.news == "payout.":
        about = Inbox.type.startswith("payout.") & Inbox.body.contains(str(operation.id))
        about &= Inbox.received_at >= operation.at
    return db.session.scalars(select(Inbox).where(about).order_by(Inbox.received_at)).all()


def corrected(moves: Sequence[Booked]) -> Sequence[Knot]:
    """What corrections added to the story."""
    return [
        Knot("done", f"{each.transfer.amount} corrected by the desk", each.transfer.created_at,
             each.transfer.note)
        for each in moves
        if each.transfer.kind == "correction"
    ]  # fmt: skip


def corrections(moves: Sequence[Booked]) -> Sequence[Correction]:
    """What was proposed to correct of it."""
    of = Correction.reverses.in_([each.transfer.id for each in moves])
    return db.session.scalars(select(Correction).where(of).order_by(Correction.created_at)).all()


def _of(reference: UUID | None) -> Operation | None:
    if reference is None:
        return None
    return next((found for _, look in KINDS if (found := look(reference))), None)


def _operation_of(transfer: Transfer) -> UUID | None:
    """What a movement was part of; a correction is part of what it corrects."""
    if transfer.kind == "correction" and transfer.reverses:
        return _operation_of(db.session.get_one(Transfer, transfer.reverses))
    named = OPERATION.fullmatch(transfer.key)
    return UUID(named[2]) if named else None


def _bare(transfer: Transfer) -> Operation:
    """A movement that is no part of anything else."""
    return Operation(
        id=transfer.id,
        title=names.name_of(transfer.kind, came_in=True),
        state="booked",
        amount=transfer.amount,
        at=transfer.created_at,
        keys=[transfer.key],
        facts=[("Note", transfer.note)],
        knots=[Knot("done", "Booked", transfer.created_at)],
    )
