"""What the webhooks have left behind."""

from uuid import UUID

from sqlalchemy import select

from batua_db import ledger
from batua_db.database import db
from batua_db.models.ledger import Account
from batua_db.models.wallet import Inbox
from batua_db.money import Money
from batua_user.steps import of


def inbox() -> list[tuple[str, str]]:
    db.session.commit()
    rows = db.session.execute(select(Inbox.type, Inbox.outcome).order_by(Inbox.received_at))
    return [(row.type, row.outcome) for row in rows]


def suspense() -> Money:
    db.session.commit()
    found = db.session.scalar(select(Account.id).where(Account.kind == "suspense"))
    return ledger.balance(found) if found else Money(0)


def steps(topup_id: UUID) -> list[tuple[str, str]]:
    db.session.commit()
    return [(step.what, step.note) for step in of(topup_id)]
