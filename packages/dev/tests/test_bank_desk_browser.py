"""A day at the bank's desk, in Chromium: what staff do, and what a customer then sees."""

import re

import pytest
from playwright.sync_api import Browser, expect

from batua_dev.browser import DESKTOP, PHONE, watched_page
from batua_dev.system import System

from .visits import Visit, balance

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.long]


def test_a_day_at_the_banks_desk(system: System, chromium: Browser) -> None:
    with (
        watched_page(chromium, PHONE) as theirs,
        watched_page(chromium, DESKTOP) as ours,
        watched_page(chromium, DESKTOP) as second,
    ):
        person, desk, boss = (Visit(page, system) for page in (theirs, ours, second))
        enter(desk, "operator", look=True)
        number, password = takes_in(desk)
        moved = takes_cash(desk, number)
        begins(person, number, password)
        freezes(desk, number)
        takes_back(desk, boss, moved)
        person.open("/accounts", app="bank")
        assert balance(person) == 1_500_00
        looks_at_the_books(boss)
    report = system.audit()
    assert report["ok"], report


def shows(visit: Visit, text: str) -> None:
    expect(visit.page.get_by_text(text).first).to_be_visible(timeout=20_000)


def look(visit: Visit, name: str) -> None:
    """On a phone, and on a desktop."""
    visit.look_around(name)
    visit.page.set_viewport_size(DESKTOP)


def enter(desk: Visit, username: str, *, look: bool = False) -> None:
    desk.open("/desk", app="bank")
    desk.page.wait_for_url(re.compile("/desk/login"))
    if look:
        desk.look_around("bank-desk-door")
        desk.page.set_viewport_size(DESKTOP)
    desk.fill(username=username, password="desk-demo-1")
    desk.press("Sign in")
    shows(desk, "What waits")


def takes_in(desk: Visit) -> tuple[str, str]:
    """Zoya gets a customer number, and a password that is shown once."""
    look(desk, "bank-desk-overview")
    desk.open("/desk/customers/new", app="bank")
    look(desk, "bank-desk-new-customer")
    desk.page.locator('[name="bank"][value="CCB"]').check()
    desk.fill(name="Zoya Khan", reason="Passport and light bill")
    desk.press("Open an account")
    shows(desk, "Shown now, and never again")
    look(desk, "bank-desk-begins")
    password = desk.page.locator("[data-password]").inner_text()
    number = desk.page.locator("dd").first.inner_text().replace(" ", "")
    return number, password


def to_account(desk: Visit, number: str) -> None:
    desk.open("/desk/customers", app="bank")
    desk.fill(q=number)
    desk.press("Find")
    desk.page.wait_for_url("**/desk/customers/*")
    desk.page.get_by_role("link", name=re.compile("Savings")).click()
    desk.page.wait_for_url("**/desk/accounts/*")


def takes_cash(desk: Visit, number: str) -> str:
    """₹2,000 over the counter; returns the movement."""
    to_account(desk, number)
    desk.page.get_by_role("link", name="Cash", exact=True).click()
    look(desk, "bank-desk-cash")
    desk.page.get_by_label("Paid in").check()
    desk.fill(amount="2,000", note="First deposit")
    desk.press("Book it")
    desk.page.wait_for_url("**/desk/movements/*")
    look(desk, "bank-desk-movement")
    return desk.page.url.rpartition("/")[2]


def begins(person: Visit, number: str, password: str) -> None:
    """The customer signs in, chooses their own secrets, and finds the money."""
    person.open("/login", app="bank")
    person.fill(customer_id=number, password=password)
    person.press("Sign in")
    person.page.wait_for_url(re.compile("/welcome"))
    person.look("bank-welcome")
    own = "the river in june"
    person.fill(password=own, password_again=own, mpin="246813", mpin_again="246813")
    person.press("Keep them")
    person.page.wait_for_url("**/accounts")
    assert balance(person) == 2_000_00


def freezes(desk: Visit, number: str) -> None:
    to_account(desk, number)
    desk.page.get_by_role("link", name="Freeze or close").click()
    look(desk, "bank-desk-freeze")
    desk.page.get_by_label("Frozen").check()
    desk.fill(reason="Reported lost")
    desk.press("Do it")
    desk.page.locator('[data-status="frozen"]').wait_for()
    look(desk, "bank-desk-account")


def takes_back(desk: Visit, boss: Visit, moved: str) -> None:
    """One proposes, a second one makes it."""
    desk.open(f"/desk/movements/{moved}", app="bank")
    desk.page.get_by_role("link", name="Propose to take it back").click()
    desk.fill(amount="500", reason="One note was false")
    desk.press("Propose it")
    shows(desk, "It waits for a colleague")
    enter(boss, "supervisor")
    boss.page.get_by_role("link", name=re.compile("Reversals to decide")).click()
    look(boss, "bank-desk-reversals")
    boss.page.get_by_role("link", name=re.compile("Zoya Khan")).click()
    look(boss, "bank-desk-reversal")
    boss.page.get_by_label("Approve").check()
    boss.fill(reason="Looked at the note")
    boss.press("Decide")
    boss.page.locator('[data-state="made"]').wait_for()


def looks_at_the_books(boss: Visit) -> None:
    boss.open("/desk/books", app="bank")
    assert boss.page.locator('[data-sum="0"]').count() == 2
    look(boss, "bank-desk-trial")
    boss.page.get_by_label("Bank", exact=True).select_option("CCB")
    boss.press("Show the day")
    boss.page.wait_for_url("**/desk/books/CCB/*")
    shows(boss, "Reversals: Customers → Cash")
    look(boss, "bank-desk-day")
    boss.open("/desk/log", app="bank")
    for done in ("Made a reversal", "Proposed a reversal", "Froze an account", "Took cash"):
        shows(boss, done)
    look(boss, "bank-desk-log")
