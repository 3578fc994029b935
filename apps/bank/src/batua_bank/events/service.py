"""Places of events: given one after the other, to what is committed.

Ids and times are given before a transaction commits, and transactions commit in any
order: whoever reads "what comes after the last one" would miss one that commits late.
A place is given afterwards, by one hand at a time, so the last one read hides nothing.
It also survives a dump and a restore, which the database's transaction ids do not.
"""

from sqlalchemy import func, select, update

from batua_db.database import db, transaction
from batua_db.models.outbox import Event

AT_ONCE = 500
TURN = func.hashtextextended("bank.event.place", 0)


def place() -> int:
    """Give places to events that have none, the oldest first; answers how many.

    The lock is held until the places are there for all to see: the next hand goes on after
    them. Each statement looks anew, so it sees what was committed while it waited.
    """
    with transaction():
        if db.session.scalar(select(Event.id).where(Event.place.is_(None)).limit(1)) is None:
            return 0
        db.session.execute(select(func.pg_advisory_xact_lock(TURN)))
        last = db.session.scalar(select(func.max(Event.place))) or 0
        waiting = (
            select(Event.id, Event.created_at)
            .where(Event.place.is_(None))
            .order_by(Event.created_at, Event.id)
            .limit(AT_ONCE)
            .subquery()
        )
        turns = select(
            waiting.c.id,
            func.row_number().over(order_by=(waiting.c.created_at, waiting.c.id)).label("turn"),
        ).subquery()
        given = (
            update(Event)
            .where(Event.id == turns.c.id)
            .values(place=last + turns.c.turn)
            .execution_options(synchronize_session=False)
        )
        return len(db.session.execute(given.returning(Event.id)).all())
