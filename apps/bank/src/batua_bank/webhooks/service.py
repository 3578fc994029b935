"""Delivering the outbox: claim what is due, send it, write down how it went.

Any number of workers may do this. A claim moves the next attempt ahead before
anything is sent, so that no lock is held during HTTP and an attempt whose worker was
killed comes round again.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from secrets import SystemRandom

from sqlalchemy import ColumnElement, func, select, update

from batua_bank.clients import registry
from batua_bank.seams import seams
from batua_config import logs
from batua_db.database import db, transaction
from batua_db.models.outbox import Delivery, Dispatch

from .endpoints import GIVEN_UP, disable
from .sender import Letter, Outcome, send

log = logs.get(__name__)

AT_ONCE = 8
BATCHES = 25
LEASE = timedelta(seconds=60)  # longer than an attempt may take
HOUR = 3600
# Seconds from one attempt to the next: three days and a few hours in all.
SCHEDULE = (0, 5, 300, 1800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
JITTER = 0.1  # of the wait, more or less: so that not all come back at the same time

random = SystemRandom()


def deliver_due() -> int:
    """Make an attempt at events that are due, batch after batch while all goes well."""
    done = 0
    for _ in range(BATCHES):
        letters = _claim()
        outcomes = _send_all(seams.mailed(letters))
        for letter, outcome in zip(letters, outcomes, strict=True):
            _record(letter, outcome)
        done += len(letters)
        if len(letters) < AT_ONCE or not all(outcome.delivered for outcome in outcomes):
            break  # whoever doesn't answer must not keep the worker from its other tasks
    return done


def _send_all(letters: list[Letter]) -> list[Outcome]:
    if not letters:
        return []
    with ThreadPoolExecutor(len(letters)) as pool:
        return list(pool.map(send, letters))


def _claim() -> list[Letter]:
    due = (
        select(Dispatch)
        .where(Dispatch.attempt_at <= func.clock_timestamp())
        .order_by(Dispatch.attempt_at)
        .limit(AT_ONCE)
        .with_for_update(of=Dispatch, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    with transaction():
        claimed = db.session.scalars(due).all()
        for dispatch in claimed:
            _hold(dispatch)
        return [_letter(dispatch) for dispatch in claimed if dispatch.endpoint.disabled_at is None]


def _hold(dispatch: Dispatch) -> None:
    """Keep a dispatch to oneself for a while; one whose endpoint was disabled is given up."""
    if dispatch.endpoint.disabled_at:
        dispatch.attempt_at, dispatch.dead_at = None, func.clock_timestamp()
    else:
        dispatch.attempts += 1
        dispatch.attempt_at = func.clock_timestamp() + LEASE


def _letter(dispatch: Dispatch) -> Letter:
    event, endpoint = dispatch.event, dispatch.endpoint
    return Letter(
        id=event.id,
        endpoint=endpoint.id,
        url=registry.url_of(endpoint),
        reach=registry.reach_of(endpoint),
        secrets=registry.secrets_of(endpoint.client_id),
        attempt=dispatch.attempts,
        type=event.type,
        happened_at=event.created_at,
        data=event.data,
    )


def _record(letter: Letter, outcome: Outcome) -> None:
    with transaction():
        db.session.add(
            Delivery(
                event_id=letter.id,
                endpoint_id=letter.endpoint,
                attempt=letter.attempt,
                status=outcome.status,
                error=outcome.error,
                answer=outcome.answer,
                milliseconds=outcome.milliseconds,
            )
        )
        if outcome.refused_for_good:
            disable(letter.endpoint, "gone")  # and with it what becomes of this letter
        else:
            _go_on(letter, outcome)


def _go_on(letter: Letter, outcome: Outcome) -> None:
    """Let the dispatch know of this attempt: one that outlasted its lease has been overtaken."""
    this = _of(Dispatch, letter) & (Dispatch.attempts == letter.attempt)
    if not outcome.delivered:
        this &= Dispatch.attempt_at.is_not(None)  # given up meanwhile, with its endpoint
    db.session.execute(update(Dispatch).where(this).values(_next(letter, outcome)))


def _next(letter: Letter, outcome: Outcome) -> dict[str, object]:
    """What becomes of the dispatch: delivered, given up, or tried again."""
    now = func.clock_timestamp()
    if outcome.delivered:
        return {"delivered_at": now, "attempt_at": None, "dead_at": None}
    made = _attempts_made(letter)
    if made >= len(SCHEDULE):
        log.error(
            "a webhook was given up",
            message_id=letter.id,
            type=letter.type,
            attempt=letter.attempt,
            status=outcome.status,
        )
        return GIVEN_UP
    log.info(
        "a webhook was not taken",
        message_id=letter.id,
        attempt=letter.attempt,
        status=outcome.status,
        error=outcome.error,
    )
    return {"attempt_at": now + _wait(made, outcome.retry_after)}


def _attempts_made(letter: Letter) -> int:
    """How many ended in some way since it was last asked for: a killed worker's is none."""
    since = select(Dispatch.replayed_after).where(_of(Dispatch, letter)).scalar_subquery()
    made = select(func.count()).where(_of(Delivery, letter), Delivery.attempt > since)
    return db.session.scalars(made).one()


def _of(table: type[Dispatch | Delivery], letter: Letter) -> ColumnElement[bool]:
    return (table.event_id == letter.id) & (table.endpoint_id == letter.endpoint)


def _wait(made: int, asked: int) -> timedelta:
    """Until the next attempt after ``made``: by the schedule, but not before they asked for it."""
    seconds = SCHEDULE[made]
    jittered = seconds * random.uniform(1 - JITTER, 1 + JITTER)
    return timedelta(seconds=max(jittered, asked))
