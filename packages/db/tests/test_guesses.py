"""Guesses are counted before they are evaluated, and dearer each time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from sqlalchemy import text

from batua_db import guesses
from batua_db.database import db, transaction
from batua_db.guesses import PASSWORD, PIN, PIN_SPENT, TooManyTries
from batua_db.models.wallet import Guess
from batua_dev.testing import Committed


def wait_is_over(subject: str) -> None:
    db.session.execute(
        text("UPDATE wallet.guess SET blocked_until = now() - interval '1 s' WHERE subject = :s"),
        {"s": subject},
    )


@pytest.mark.usefixtures("session")
def test_five_tries_are_free_and_the_sixth_waits() -> None:
    assert [guesses.take(Guess, "a", PASSWORD) for _ in range(5)] == [1, 2, 3, 4, 5]

    with pytest.raises(TooManyTries, match="Wait 30 seconds") as caught:
        guesses.take(Guess, "a", PASSWORD)

    assert 28 <= caught.value.retry_after <= 30
    assert guesses.take(Guess, "b", PASSWORD) == 1


@pytest.mark.usefixtures("session")
def test_each_wait_is_longer_up_to_an_hour() -> None:
    for _ in range(5):
        guesses.take(Guess, "a", PASSWORD)
    waits: list[int] = []
    for _ in range(7):
        with pytest.raises(TooManyTries) as caught:
            guesses.take(Guess, "a", PASSWORD)
        waits.append(caught.value.retry_after)
        wait_is_over("a")
        guesses.take(Guess, "a", PASSWORD)

    assert waits == [30, 120, 480, 1920, 3600, 3600, 3600]


@pytest.mark.usefixtures("session")
def test_a_right_try_forgives_the_wrong_ones() -> None:
    for _ in range(4):
        guesses.take(Guess, "a", PASSWORD)

    guesses.clear(Guess, "a")

    assert guesses.count(Guess, "a") == 0
    assert guesses.take(Guess, "a", PASSWORD) == 1


def test_what_a_whole_campus_does_is_counted_by_the_hour() -> None:
    with time_machine.travel("2026-01-14T10:59:59Z", tick=False):
        before = guesses.this_hour("address:10.0.0.1")
    with time_machine.travel("2026-01-14T11:00:01Z", tick=False):
        after = guesses.this_hour("address:10.0.0.1")

    assert before == "address:10.0.0.1:2026011410"
    assert after == "address:10.0.0.1:2026011411"


@pytest.mark.usefixtures("session")
def test_a_day_forgives_too() -> None:
    for _ in range(4):
        guesses.take(Guess, "a", PASSWORD)
    db.session.execute(text("UPDATE wallet.guess SET last_at = now() - interval '25 h'"))

    assert guesses.take(Guess, "a", PASSWORD) == 1


@pytest.mark.usefixtures("session")
def test_a_pin_has_ten_tries_in_two_rounds() -> None:
    for _ in range(5):
        guesses.take(Guess, "a", PIN)
    with pytest.raises(TooManyTries, match="15 minutes"):
        guesses.take(Guess, "a", PIN)
    wait_is_over("a")

    assert [guesses.take(Guess, "a", PIN) for _ in range(5)][-1] == PIN_SPENT
    with pytest.raises(TooManyTries):
        guesses.take(Guess, "a", PIN)


@pytest.mark.commits
def test_forty_tries_at_once_are_five(committed: Committed) -> None:
    def attempt(_: int) -> bool:
        with committed.app.app_context():
            try:
                with transaction():
                    guesses.take(Guess, "a", PASSWORD)
            except TooManyTries:
                return False
            return True

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(attempt, range(40))) == 5


@pytest.mark.usefixtures("session")
def test_a_shared_subject_gets_one_try_back_and_no_more() -> None:
    for _ in range(5):
        guesses.take(Guess, "a", PASSWORD)

    guesses.take_back(Guess, "a")

    assert guesses.count(Guess, "a") == 4
    assert guesses.take(Guess, "a", PASSWORD) == 5
    with pytest.raises(TooManyTries):
        guesses.take(Guess, "a", PASSWORD)
