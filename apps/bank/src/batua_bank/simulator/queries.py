"""Reads of faults, and of what they can be about."""

from collections.abc import Sequence

from sqlalchemy import select

from batua_db.database import db
from batua_db.models.bank import Bank
from batua_db.models.bank_desk import Staff
from batua_db.models.clients import Client
from batua_db.models.simulator import Fault

from .service import ours

LATELY = 20


def faults_on(staff: Staff) -> Sequence[Fault]:
    """What goes wrong now, newest first."""
    on = select(Fault).where(Fault.ended_at.is_(None), ours(staff))
    return db.session.scalars(on.order_by(Fault.created_at.desc())).all()


def faults_ended(staff: Staff) -> Sequence[Fault]:
    """What went wrong lately."""
    ended = select(Fault).where(Fault.ended_at.is_not(None), ours(staff))
    return db.session.scalars(ended.order_by(Fault.ended_at.desc()).limit(LATELY)).all()


def banks() -> list[tuple[str, str]]:
    """The banks, by code and name."""
    return [(row.code, row.name) for row in db.session.scalars(select(Bank).order_by(Bank.name))]


def clients(staff: Staff) -> list[tuple[str, str]]:
    """The clients that one of the staff may choose, by id and name."""
    query = select(Client.id, Client.name).where(Client.closed_at.is_(None))
    if staff.client_id:
        query = query.where(Client.id == staff.client_id)
    return [(row.id, row.name) for row in db.session.execute(query.order_by(Client.name))]
