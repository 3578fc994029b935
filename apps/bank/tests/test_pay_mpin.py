"""MPINs are counted, whatever else happens, and a right one is forgotten."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, update

from batua_bank.pay import mpin
from batua_db.database import db, transaction
from batua_db.models.bank import Customer, Guess
from batua_db.models.outbox import Event
from batua_dev.client import FreshClient

pytestmark = pytest.mark.usefixtures("banks")


@pytest.fixture
def try_mpin(api: Any, customer: Any, approval: Any) -> Any:
    """``try_mpin("135790")``: try to approve one session with it."""
    asked, browser = api.ask(), customer()

    def attempt(typed: str) -> Any:
        browser_: FreshClient = browser
        return browser_.submit(f"{asked['path']}/approve", **approval(mpin=typed))

    return attempt


def wait(time: timedelta) -> None:
    """Let the customers' tries be as old as this."""
    with transaction():
        earlier = {
            "last_at": Guess.last_at - time,
            "blocked_until": func.least(Guess.blocked_until, Guess.blocked_until - time),
        }
        db.session.execute(update(Guess).values(earlier))


def test_wrong_mpins_are_counted_and_said(try_mpin: Any) -> None:
    said = [try_mpin("000000") for _ in range(5)]

    assert [each.status_code for each in said] == [422] * 5
    for left, each in zip(("4 tries", "3 tries", "2 tries", "1 try"), said, strict=False):
        assert f"That is not your MPIN. {left} left." in each.text
    assert db.session.query(Event).count() == 0


def test_after_five_not_even_the_right_one_is_looked_at(try_mpin: Any) -> None:
    for _ in range(5):
        try_mpin("000000")
    answer = try_mpin("135790")

    assert answer.status_code == 429
    assert 800 < int(answer.headers["Retry-After"]) <= 900
    assert "15 minutes" in answer.text
    assert db.session.query(Event).count() == 0


def test_a_right_mpin_forgets_the_wrong_ones(try_mpin: Any) -> None:
    try_mpin("000000")
    answer = try_mpin("135790")

    assert answer.status_code == 303
    assert mpin.tries_left(db.session.query(Customer).filter_by(number="10000001").one()) is None


def test_a_right_mpin_is_forgotten_though_the_money_is_short(
    api: Any, customer: Any, approval: Any
) -> None:
    path, browser = f"{api.ask(amount=60_000_00)['path']}/approve", customer()
    browser.submit(path, **approval(mpin="000000"))
    short = browser.submit(path, **approval())

    assert "is short by" in short.text
    assert db.session.query(Guess).filter(Guess.subject.startswith("mpin:")).count() == 0


def test_five_more_after_a_quarter_of_an_hour_then_it_is_locked(try_mpin: Any) -> None:
    for _ in range(5):
        try_mpin("000000")
    wait(timedelta(minutes=15))
    more = [try_mpin("000000") for _ in range(5)]
    wait(timedelta(hours=1))
    locked = try_mpin("135790")

    assert [each.status_code for each in more] == [422] * 5
    assert locked.status_code == 429
    assert "Your MPIN is locked" in locked.text
    assert db.session.query(Event).count() == 0


def test_a_day_later_it_works_again(try_mpin: Any) -> None:
    for _ in range(5):
        try_mpin("000000")
    wait(timedelta(hours=25))

    assert try_mpin("135790").status_code == 303


def test_declining_needs_no_try(try_mpin: Any, api: Any, customer: Any, approval: Any) -> None:
    for _ in range(5):
        try_mpin("000000")
    path = f"{api.ask()['path']}/approve"

    assert customer().submit(path, **approval(action="decline")).status_code == 303


def test_the_page_says_how_many_are_left(api: Any, customer: Any, approval: Any) -> None:
    path, browser = f"{api.ask()['path']}/approve", customer()
    fresh = browser.get(path).text
    browser.submit(path, **approval(mpin="000000"))
    warned = browser.get(path).text

    assert "tries left" not in fresh
    assert "Four tries left." in warned
