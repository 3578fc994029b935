"""Faults: switched on, found when something is about to happen, counted, and ended."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select, update

from batua_bank.payouts.service import Failure
from batua_db.database import db, transaction
from batua_db.errors import NotFound, Refused
from batua_db.models.bank import Bank
from batua_db.models.clients import Client
from batua_db.models.simulator import Fault, What

from .kinds import KINDS

FAILURE_NEEDED = "Say why the payout fails."


class GoneOrNotYours(NotFound):
    """The fault does not exist, or belongs to another client."""

    def __init__(self) -> None:
        super().__init__("There is no such fault.")


@dataclass(frozen=True, slots=True)
class About:
    """What a fault may be about: a payment, a payout or a refund, by whose, where and its name."""

    client: str
    bank: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A fault to switch on: at least one of ``client``, ``bank`` and ``reference`` is named.

    ``seconds`` and ``times`` are the kind's own where none are given; ``uses`` of ``None``
    is until it is ended.
    """

    what: What
    client: str | None = None
    bank: str | None = None
    reference: str | None = None
    seconds: int | None = None
    times: int | None = None
    failure: Failure | None = None
    uses: int | None = None


def switch_on(wanted: Wanted, *, by: str) -> UUID:
    """Let something go wrong from now on; answers the fault's id."""
    kind = KINDS[wanted.what]
    _refuse_nonsense(wanted)
    with transaction():
        fault = Fault(
            what=wanted.what,
            client=wanted.client,
            bank_code=wanted.bank,
            reference=wanted.reference,
            seconds=kind.seconds if wanted.seconds is None else wanted.seconds,
            times=kind.times if wanted.times is None else wanted.times,
            failure=wanted.failure,
            uses_left=wanted.uses,
            made_by=by,
        )
        db.session.add(fault)
        db.session.flush()
        return fault.id


def end(fault_id: UUID, *, client: str | None = None) -> None:
    """End a fault; with ``client`` only one of that client's own. Twice does no harm."""
    mine = Fault.client == client if client else Fault.id.is_not(None)
    with transaction():
        fault = db.session.scalar(select(Fault).where(Fault.id == fault_id, mine).with_for_update())
        if fault is None:
            raise GoneOrNotYours
        if fault.on:
            fault.ended_at = func.clock_timestamp()


def end_all(*, client: str | None = None) -> int:
    """End every fault, or every one of the client's own; answers how many were on."""
    mine = Fault.client == client if client else Fault.id.is_not(None)
    with transaction():
        ended = update(Fault).where(Fault.ended_at.is_(None), mine)
        ended = ended.values(ended_at=func.clock_timestamp()).returning(Fault.id)
        return len(db.session.scalars(ended).all())


def fire(about: About, *whats: What) -> Fault | None:
    """The oldest fault of these kinds that is on: it happens now, once more. The caller commits."""
    oldest = (
        select(Fault.id)
        .where(Fault.what.in_(whats), on_for(about.client, about.bank, about.reference))
        .order_by(Fault.created_at)
        .limit(1)
        .with_for_update()
    )
    now, left = func.clock_timestamp(), Fault.uses_left - 1
    return db.session.scalar(
        update(Fault)
        .where(Fault.id == oldest.scalar_subquery(), Fault.ended_at.is_(None))
        .values(fired=Fault.fired + 1, fired_at=now, uses_left=left)
        .values(ended_at=case((left == 0, now), else_=None))
        .returning(Fault)
        .execution_options(synchronize_session=False, populate_existing=True)
    )


def fire_now(about: About, *whats: What) -> Fault | None:
    """As ``fire``, in a transaction of its own: it counts whatever comes after."""
    with transaction():
        if fault := fire(about, *whats):
            db.session.expunge(fault)  # to be read while nothing is held
        return fault


def on_for(client: Any, bank: Any, reference: Any) -> ColumnElement[bool]:
    """Whether a fault is on for a thing, given as values or as columns."""
    return (
        Fault.ended_at.is_(None)
        & (Fault.client.is_(None) | (Fault.client == client))
        & (Fault.bank_code.is_(None) | (Fault.bank_code == bank))
        & (Fault.reference.is_(None) | (Fault.reference == reference))
    )


def _refuse_nonsense(wanted: Wanted) -> None:
    if not (wanted.client or wanted.bank or wanted.reference):
        raise Refused("Name a bank, a payment’s reference or a client.", field="reference")
    if (wanted.what == "payout_fails") != (wanted.failure is not None):
        raise Refused(FAILURE_NEEDED, field="failure")
    if wanted.bank and db.session.get(Bank, wanted.bank) is None:
        raise Refused("Choose one of the banks.", field="bank")
    if wanted.client and db.session.get(Client, wanted.client) is None:
        raise Refused("No client is called so.", field="client")
