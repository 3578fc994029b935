"""The simulated city: its people live in the running system, and what came of it is counted."""

from random import Random

import pytest

from batua_dev.simulate.browsing import Browser, GaveUp
from batua_dev.simulate.people import Person, Town
from batua_dev.simulate.summary import line, report
from batua_dev.simulate.tally import Tally
from batua_dev.system import System


@pytest.mark.e2e
def test_somebody_moves_in_and_lives_and_the_books_hold(system: System) -> None:
    tally = Tally()
    town = Town.at(system.url("user"), system.url("bank"), tally, pace=30)
    town.closing.set()  # nobody stops to think
    person = Person(town, Random(2))  # noqa: S311

    person.move_in()
    for errand in (person.send, person.pay, person.recharge, person.withdraw):
        person.look_home()
        errand()
    person.live()

    assert (tally.people, tally.failures, tally.refusals) == (1, {}, {})
    assert set(tally.moves) == {"added", "sent", "paid", "bills", "withdrawn"}
    assert system.audit()["ok"]


def test_a_refusal_of_a_rule_is_no_failure(system: System) -> None:
    tally = Tally()
    browser = Browser(tally, "10.1.2.3").open("sign in", system.url("user") + "/login")

    with pytest.raises(GaveUp):
        browser.submit("sign in", phone="98765 00001", password="not the password at all")

    assert not tally.failures
    assert "do not match" in next(iter(tally.refusals))


def test_what_does_not_answer_and_what_is_not_there_are_failures(system: System) -> None:
    tally = Tally()

    for url in (system.url("user") + "/healthz/none", "http://127.0.0.1:9/"):
        with pytest.raises(GaveUp):
            Browser(tally, "10.1.2.3").open("look", url)

    assert tally.failures == {("look", "answered 404"): 1, ("look", "ConnectionError"): 1}
    assert tally.requests == 2


def test_the_summary_counts_failures_by_kind() -> None:
    tally = Tally(people=3)
    for milliseconds in (10, 20, 30):
        tally.answered(milliseconds)
    tally.moved("sent", 12_50)
    tally.moved("added", 1_000_00)
    tally.failed("send", "answered 502")
    tally.failed("send", "answered 502")
    tally.failed("look at home", "ConnectionError")
    shown = "\n".join(report(tally))

    assert "3 people" in line(tally)
    assert "₹1,012.50 moved · 3 requests · 3 failed" in line(tally)
    assert "3 failed\n      2 × send: answered 502\n      1 × look at home: Connection" in shown
    assert "0 refused by a rule" in shown
