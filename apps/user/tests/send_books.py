"""What sending has cost and left behind."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event, select

from batua_db.database import db
from batua_db.models.ledger import Transfer
from batua_db.money import Money


def sent() -> list[tuple[str, Money]]:
    db.session.commit()
    rows = db.session.execute(select(Transfer.key, Transfer.amount).where(Transfer.kind == "send"))
    return [(row.key, row.amount) for row in rows]


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is sent to PostgreSQL, but for the frame of transactions."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not re.match(r"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)", statement):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)
