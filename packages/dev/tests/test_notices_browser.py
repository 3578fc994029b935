"""Who is paid hears of it on the page that is open, in Chromium."""

import pytest
from playwright.sync_api import Browser, expect

from batua_dev.browser import PHONE, watched_page
from batua_dev.main_job import add as add_over_http
from batua_dev.main_job import sign_in as sign_in_over_http
from batua_dev.system import System

from .visits import Visit, balance, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.browser]


def test_the_bell_rings_and_the_list_is_read(system: System, chromium: Browser) -> None:
    ravi = sign_in_over_http(system, "+919876500002")
    add_over_http(ravi, system, "500", customer="10000002")
    with watched_page(chromium, PHONE) as page:
        visit = Visit(page, system)
        sign_in(visit, "9876500001")
        nothing_yet(visit)
        page.evaluate("window.stayed = true")
        for amount, note in (("120.50", "Dosa"), ("35", "Filter coffee")):
            ravi.open(system.url("user") + "/send")
            ravi.submit(phone="98765 00001", amount=amount, note=note).submit(pin="246810")
        expect(page.locator("#bell .count")).to_have_text("2", timeout=15_000)
        expect(page.locator('[data-balance="15550"]')).to_be_visible()
        assert page.evaluate("window.stayed")
        visit.look_around("home-with-news")
        reads(visit)
        chooses(visit)
        visit.open("/")
        assert balance(visit) == 155_50
    report = system.audit()
    assert report["ok"], report


def nothing_yet(visit: Visit) -> None:
    """But for the device, which is new."""
    visit.open("/notifications")
    expect(visit.page.locator("main")).to_contain_text("Signed in on a new device")
    visit.look_around("notifications-device")
    visit.press("Mark all read")
    visit.open("/")
    expect(visit.page.locator("#bell .count")).to_have_count(0)


def reads(visit: Visit) -> None:
    """One is opened, and leads to its payment; then all are read."""
    visit.page.locator("#bell").click()
    visit.look_around("notifications")
    visit.page.locator("main button.row.unread").first.click()
    visit.page.wait_for_url("**/activity/*")
    expect(visit.page.locator("main")).to_contain_text("Filter coffee")
    visit.open("/notifications")
    expect(visit.page.locator("main .unread")).to_have_count(1)
    visit.press("Mark all read")
    expect(visit.page.locator("main .unread")).to_have_count(0)
    expect(visit.page.locator("#bell .count")).to_have_count(0)


def chooses(visit: Visit) -> None:
    visit.page.locator('main a[href$="/settings"]').click()
    visit.page.locator('[name="money_in"]').uncheck()
    visit.look_around("notifications-settings")
    visit.press("Save")
    expect(visit.page.get_by_text("Your choice is kept")).to_be_visible()
    visit.open("/notifications/settings")
    expect(visit.page.locator('[name="money_in"]')).not_to_be_checked()
