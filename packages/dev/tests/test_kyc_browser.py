"""A small wallet meets its limits, and asks to become a full one, in Chromium."""

import pytest
from playwright.sync_api import Browser, expect

from batua_dev.browser import PHONE, watched_page
from batua_dev.system import System

from .visits import Visit, add, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.long]


def test_a_small_wallet_meets_its_limits(system: System, chromium: Browser) -> None:
    with watched_page(chromium, PHONE) as page:
        visit = Visit(page, system)
        sign_in(visit, "9876500003")
        add(visit, "6,800")
        sees_its_limits(visit)
        cannot_add_more(visit)
        cannot_send(visit)
        asks_for_more(visit)
    report = system.audit()
    assert report["ok"], report


def sees_its_limits(visit: Visit) -> None:
    visit.open("/")
    expect(visit.page.get_by_text("₹3,200.00 left to add this month")).to_be_visible()
    visit.look_around("home-small")


def cannot_add_more(visit: Visit) -> None:
    """Said here, before the bank is asked for anything."""
    visit.open("/add-money")
    visit.fill(amount="3,200.01")
    visit.page.locator('[name="bank"][value="SBB"]').check()
    visit.go_on()
    visit.refused("You can add ₹3,200.00 more this month")
    assert visit.page.url == visit.system.url("user") + "/add-money"
    visit.look_around("add-money-above-limit")


def cannot_send(visit: Visit) -> None:
    visit.open("/send")
    visit.fill(phone="98765 00002", amount="100")
    visit.go_on()
    visit.look_around("send-small")
    visit.open("/withdraw")
    visit.look_around("withdraw-small")
    visit.page.locator("main a.main").click()
    expect(visit.page.get_by_role("heading", name="A full wallet", exact=True)).to_be_visible()


def asks_for_more(visit: Visit) -> None:
    visit.fill(pan="ABCDE1234F", birth_date="2020-01-01")
    visit.go_on()
    visit.refused("Type your PAN as on the card")
    visit.refused("18 years")
    visit.look_around("kyc-errors")
    visit.fill(pan="abcpi1234k", birth_date="1994-07-31")
    visit.go_on()
    expect(visit.page.locator('[data-state="waiting"]')).to_be_visible()
    visit.look_around("kyc-waiting")
