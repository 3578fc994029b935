"""Guesses: wrong passwords, codes and PINs, counted in PostgreSQL, with growing delays.

A try is counted *before* it is evaluated and taken back when it was right, so that a
thousand tries at once are worth no more than one after another. The rows outlive Redis
and restarts.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Interval,
    case,
    delete,
    func,
    literal,
    select,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from .database import db, transaction
from .errors import TooMany, Unavailable
from .models.shared import GuessMixin

FORGOTTEN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Rule:
    """``free`` tries, then a wait after each further one (seconds); the last wait stays."""

    free: int
    waits: tuple[int, ...]


# At most 9 are evaluated in an hour: 5, then one after 30 s, 2, 8 and 32 minutes, then one an hour.
PASSWORD = Rule(5, (30, 120, 480, 1920, 3600))
# One address may be a whole campus: only a flood is slowed down, and nobody is shut out.
# Counted by the hour (``this_hour``), since a campus never has a day without a wrong password.
ADDRESS = Rule(300, (60,))
# Five, a quarter of an hour, five more; from ``PIN_SPENT`` on only a new PIN helps.
PIN = Rule(5, (900, 0, 0, 0, 0, 3600))
PIN_SPENT = 10


class TooManyTries(TooMany):
    """Wait before the next try; this one was not looked at."""

    code = "too_many_tries"

    def __init__(self, wait: timedelta) -> None:
        super().__init__(
            f"Too many tries. Wait {_in_words(wait)}, then try again.",
            retry_after=max(1, -(-wait // timedelta(seconds=1))),
        )


def this_hour(subject: str) -> str:
    """A subject that is counted anew each hour; ask once for a try, and use it throughout."""
    return f"{subject}:{datetime.now(UTC):%Y%m%d%H}"


def take(guess: type[GuessMixin], subject: str, rule: Rule) -> int:
    """Count a try at ``subject`` in one statement; returns how many that makes.

    Raises ``TooManyTries`` while one must wait. Holds the subject's row until the caller
    commits: before it evaluates the try, or together with what it decided.
    """
    # Not now(): that is when the transaction began, perhaps before the try ahead of us ended.
    now = func.clock_timestamp()
    failures = case((guess.last_at < now - FORGOTTEN, 1), else_=guess.failures + 1)
    first = {"failures": 1, "last_at": now, "blocked_until": now + _wait(rule, literal(1))}
    again = {"failures": failures, "last_at": now, "blocked_until": now + _wait(rule, failures)}
    count = db.session.scalar(
        insert(guess)
        .values(subject=subject, **first)
        .on_conflict_do_update(
            index_elements=[guess.subject], set_=again, where=guess.blocked_until <= now
        )
        .returning(guess.failures)
    )
    if count is None:
        raise TooManyTries(_left(guess, subject))
    return count


def clear(guess: type[GuessMixin], subject: str) -> None:
    """Forget the tries at ``subject``: the last one was right."""
    db.session.execute(delete(guess).where(guess.subject == subject))


def take_back(guess: type[GuessMixin], subject: str) -> None:
    """Forget the last try only: it was right, but others share the subject, an address say."""
    db.session.execute(
        update(guess)
        .where(guess.subject == subject, guess.failures > 0)
        .values(failures=guess.failures - 1, blocked_until=func.clock_timestamp())
    )


@contextmanager
def evaluated(guess: type[GuessMixin], *subjects: str) -> Generator[None]:
    """Take the last try at ``subjects`` back if the block was too busy to look at it."""
    try:
        yield
    except Unavailable:
        with transaction():
            for subject in subjects:
                take_back(guess, subject)
        raise


def count(guess: type[GuessMixin], subject: str) -> int:
    """How many tries at ``subject`` have failed since the last right one."""
    return db.session.scalar(select(guess.failures).where(guess.subject == subject)) or 0


def _wait(rule: Rule, failures: ColumnElement[int]) -> ColumnElement[timedelta]:
    steps = [(failures == rule.free + i, seconds) for i, seconds in enumerate(rule.waits)]
    seconds = case((failures < rule.free, 0), *steps, else_=rule.waits[-1])
    return type_coerce(seconds * literal(timedelta(seconds=1), Interval()), Interval())


def _left(guess: type[GuessMixin], subject: str) -> timedelta:
    until = db.session.scalar(select(guess.blocked_until).where(guess.subject == subject))
    return max(until - datetime.now(UTC), timedelta(seconds=1)) if until else timedelta(seconds=1)


def _in_words(wait: timedelta) -> str:
    seconds = max(1, round(wait.total_seconds()))
    if seconds < 60:
        return f"{seconds} seconds" if seconds > 1 else "a second"
    minutes = -(-seconds // 60)
    return f"{minutes} minutes" if minutes > 1 else "a minute"
