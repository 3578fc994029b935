"""A day at the wallet's desk, in Chromium: what staff do, and what people then see."""

import re

import pytest
from playwright.sync_api import Browser, expect

from batua_dev.browser import DESKTOP, NARROW, PHONE, overflows, watched_page
from batua_dev.system import System

from .visits import Visit, add, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.long]

ASHA, RAVI, MEENA = "9876500001", "9876500002", "9876500003"


def test_a_day_at_the_desk(system: System, chromium: Browser) -> None:
    with (
        watched_page(chromium, PHONE) as theirs,
        watched_page(chromium, DESKTOP) as ours,
        watched_page(chromium, DESKTOP) as second,
    ):
        person, desk, boss = (Visit(page, system) for page in (theirs, ours, second))
        asks_for_a_full_wallet(person)
        enter(desk, "operator")
        approves(desk)
        person.open("/")
        shows(person, "Full KYC")
        transfer = sends_by_mistake(person)
        freezes(desk, person)
        corrects(desk, boss, transfer)
        looks_back(desk)
        leaves(desk)
    report = system.audit()
    assert report["ok"], report


def shows(visit: Visit, text: str) -> None:
    expect(visit.page.get_by_text(text).first).to_be_visible(timeout=20_000)


def look(visit: Visit, name: str) -> None:
    """On a desktop, on a phone, and as narrow as phones get."""
    visit.look(name)
    visit.page.set_viewport_size(PHONE)
    visit.look(name)
    visit.page.set_viewport_size(NARROW)
    assert not overflows(visit.page), f"{name} at 320 px"
    visit.page.set_viewport_size(DESKTOP)


def enter(desk: Visit, username: str) -> None:
    desk.open("/desk")
    desk.page.wait_for_url(re.compile("/desk/login"))
    look(desk, "desk-door")
    desk.fill(username=username, password="desk-demo-1")
    desk.press("Sign in")
    shows(desk, "What waits")


def find(desk: Visit, text: str, name: str) -> None:
    desk.open("/desk/people")
    desk.fill(q=text)
    desk.press("Find")
    desk.page.get_by_role("link", name=name).click()
    desk.page.wait_for_url("**/desk/people/*")


def change(person: Visit, phone: str) -> None:
    person.page.context.clear_cookies()
    sign_in(person, phone)


def asks_for_a_full_wallet(person: Visit) -> None:
    sign_in(person, MEENA)
    person.open("/kyc")
    person.fill(name="Meena Iyer", pan="ABCPI1234F", birth_date="1991-05-17")
    person.press("Send my details")
    expect(person.page.locator('[data-state="waiting"]')).to_be_visible()


def approves(desk: Visit) -> None:
    look(desk, "desk-overview")
    find(desk, "98765 00003", "Meena Iyer")
    desk.open("/desk/people?q=98765")
    look(desk, "desk-people")
    desk.open("/desk/kyc")
    look(desk, "desk-kyc-queue")
    desk.page.get_by_role("link", name="Meena Iyer").click()
    shows(desk, "Sealed")
    assert "ABCPI1234F" not in desk.page.content()
    desk.press("Show PAN and birth date")
    shows(desk, "ABCPI1234F")
    look(desk, "desk-kyc")
    desk.page.get_by_label("Approve").check()
    desk.fill(reason="Name, PAN and birth date agree")
    desk.press("Decide")
    shows(desk, "Approved")


def sends_by_mistake(person: Visit) -> str:
    """Asha sends Ravi ₹300; returns the transfer."""
    change(person, ASHA)
    add(person, "1,000")
    person.open("/send")
    person.fill(phone=RAVI, amount="300", note="Rent")
    person.press("Continue")
    person.fill(pin="246810")
    person.page.locator("main form button.main").click()
    person.page.wait_for_url("**/activity/*")
    return person.page.url.rpartition("/")[2]


def freezes(desk: Visit, person: Visit) -> None:
    """Ravi can't send while he is frozen, and can again after it."""
    change(person, RAVI)
    person.open("/send")
    person.fill(phone=ASHA, amount="5", note="Tea")
    person.press("Continue")
    find(desk, "Ravi", "Ravi Kumar")
    look(desk, "desk-person")
    desk.page.get_by_role("link", name="Freeze").click()
    look(desk, "desk-freeze")
    desk.fill(reason="Reported stolen")
    desk.press("Freeze the wallet")
    desk.page.get_by_role("link", name="Open again").wait_for()
    look(desk, "desk-person-frozen")
    pays(person)
    shows(person, "Your wallet is frozen")
    desk.page.get_by_role("link", name="Open again").click()
    desk.fill(reason="The phone was found")
    desk.press("Open the wallet")
    desk.page.get_by_role("link", name="Freeze").wait_for()
    pays(person)
    person.page.wait_for_url("**/activity/*")


def pays(person: Visit) -> None:
    person.fill(pin="246810")
    person.page.locator("main form button.main").click()


def corrects(desk: Visit, boss: Visit, transfer: str) -> None:
    """One proposes, a second one makes it."""
    find(desk, "Asha", "Asha Rao")
    desk.page.get_by_role("link", name="Ravi Kumar").filter(has_text="₹300.00").click()
    desk.page.locator('[data-state="sent"]').wait_for()
    look(desk, "desk-operation")
    desk.page.get_by_role("link", name="Propose a correction").click()
    desk.fill(amount="200", reason="Sent for the wrong month")
    look(desk, "desk-propose")
    desk.press("Propose it")
    shows(desk, "It waits for a colleague")
    enter(boss, "supervisor")
    boss.page.get_by_role("link", name=re.compile("Corrections to decide")).click()
    look(boss, "desk-corrections")
    boss.page.get_by_role("link", name=re.compile("back to Asha Rao")).click()
    look(boss, "desk-correction")
    boss.page.get_by_label("Approve").check()
    boss.fill(reason="Both were called")
    boss.press("Decide")
    shows(boss, "The money is back")
    assert boss.page.locator('[data-state="made"]').count() == 1
    desk.open(f"/desk/operations/{transfer}")
    shows(desk, "₹200.00 corrected by the desk")


def looks_back(desk: Visit) -> None:
    desk.open("/desk/log")
    for done in (
        "Made a correction", "Proposed a correction", "Opened the wallet again",
        "Froze the wallet", "Approved a full wallet", "Saw PAN and birth date", "Looked",
    ):  # fmt: skip
        shows(desk, done)
    look(desk, "desk-log")


def leaves(desk: Visit) -> None:
    desk.page.get_by_role("button", name=re.compile("Sign out")).click()
    desk.page.wait_for_url(re.compile("/desk/login"))
    desk.open("/desk/log")
    desk.page.wait_for_url(re.compile("/desk/login"))
