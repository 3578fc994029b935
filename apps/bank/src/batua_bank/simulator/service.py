"""Faults: switched on, found when something is about to happen, counted, and ended."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select, true, update

from batua_bank.desk import acts
from batua_bank.payouts.service import Failure
from batua_db.database import db, transaction
from batua_db.errors import NotFound, Refused
from batua_db.models.bank import Bank
from batua_db.models.bank_desk import Staff
from batua_db.models.clients import Client
from batua_db.models.simulator import Fault, What

from .kinds import KINDS

FAILURE_NEEDED = "Say why the payout fails."


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


def switch_on(wanted: Wanted, *, by: Staff | str) -> UUID:
    """Let something go wrong from now on; answers the fault's id.

    A developer does so to their own client alone. What one of the staff does is on record.
    """
    kind = KINDS[wanted.what]
    _refuse_nonsense(wanted)
    if isinstance(by, Staff) and wanted.client != (by.client_id or wanted.client):
        raise Refused("You build for another client.", field="client")
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
            made_by=by.username if isinstance(by, Staff) else by,
        )
        db.session.add(fault)
        db.session.flush()
        if isinstance(by, Staff):
            acts.record(by, "fault_on", _subject(fault), kind.title, fault=str(fault.id))
        return fault.id


def end(fault_id: UUID, *, by: Staff) -> None:
    """End a fault; a developer only one of their own client. Twice does no harm."""
    with transaction():
        query = select(Fault).where(Fault.id == fault_id, ours(by)).with_for_update()
        fault = db.session.scalar(query)
        if fault is None:
            raise NotFound("There is no such fault.")
        if fault.on:
            fault.ended_at = func.clock_timestamp()
            title = KINDS[fault.what].title
            acts.record(by, "fault_off", _subject(fault), title, fault=str(fault.id))


def end_all(*, by: Staff) -> int:
    """End every fault that is on, or every one of a developer's client; answers how many."""
    with transaction():
        query = update(Fault).where(Fault.ended_at.is_(None), ours(by))
        ended = query.values(ended_at=func.clock_timestamp()).returning(Fault.id)
        number = len(db.session.scalars(ended).all())
        if number:
            acts.record(by, "faults_off", by.client_id or "all", "All off", faults=number)
        return number


def ours(staff: Staff) -> ColumnElement[bool]:
    """Which faults one of the staff has to do with."""
    return Fault.client == staff.client_id if staff.client_id else true()


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


def _subject(fault: Fault) -> str:
    return fault.reference or fault.bank_code or fault.client or ""
