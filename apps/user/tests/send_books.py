"""What sending has left behind."""

from sqlalchemy import select

from batua_db.database import db
from batua_db.models.ledger import Transfer
from batua_db.money import Money


def sent() -> list[tuple[str, Money]]:
    db.session.commit()
    rows = db.session.execute(select(Transfer.key, Transfer.amount).where(Transfer.kind == "send"))
    return [(row.key, row.amount) for row in rows]
