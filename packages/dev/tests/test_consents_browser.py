"""A bank linked once in Chromium: added from again without going there, until it is revoked."""

import pytest
from playwright.sync_api import Browser, expect

from batua_dev.browser import PHONE, watched_page
from batua_dev.system import System

from .visits import Visit, add, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.long]


def test_a_bank_is_linked_once_used_again_and_revoked(system: System, chromium: Browser) -> None:
    with watched_page(chromium, PHONE) as page:
        visit = Visit(page, system)
        sign_in(visit, "9876500001")
        link(visit)
        add_again(visit)
        at_the_bank(visit)
        refused_and_led_there(visit)
    report = system.audit()
    assert report["ok"], report


def link(visit: Visit) -> None:
    visit.open("/add-money")
    visit.fill(amount="500")
    visit.page.locator('[name="bank"][value="SBB"]').check()
    visit.page.locator('[name="remember"]').check()
    visit.look("links-ask")
    visit.go_on()
    visit.look_around("bank-pay")
    visit.fill(customer_id="10000001", password="bank-demo-1")
    visit.go_on()
    visit.page.locator('[name="consent"]').check()
    visit.fill(cap="30,000", mpin="135790")
    visit.page.locator('[name="action"][value="approve"]').click()
    visit.refused("at most ₹20,000.00")
    visit.fill(cap="1,000", mpin="135790")
    visit.look_around("bank-consent")
    visit.page.locator('[name="action"][value="approve"]').click()
    expect(visit.page.locator('[data-state="credited"]')).to_be_visible(timeout=15_000)


def add_again(visit: Visit) -> None:
    offered = visit.page.get_by_role("link", name="From State Bank of Batua ··4471")
    for _ in range(20):  # the worker learns it a moment later
        visit.open("/add-money")
        if offered.count():
            break
        visit.page.wait_for_timeout(250)
    visit.look("links-offered")
    offered.click()
    visit.fill(amount="250", pin="246810")
    visit.look_around("links-add")
    visit.go_on()
    visit.page.wait_for_url("**/add-money/*")
    expect(visit.page.locator('[data-state="credited"]')).to_be_visible(timeout=15_000)
    visit.look("links-credited")
    visit.open("/settings/banks")
    visit.look("links-banks")


def at_the_bank(visit: Visit) -> None:
    """What net banking shows of it; then it is revoked."""
    for path, name in (
        ("/accounts", "bank-accounts"),
        ("/payments", "bank-payments"),
        ("/security", "bank-security"),
        ("/security/mpin", "bank-mpin"),
    ):
        visit.open(path, app="bank")
        visit.look_around(name)
    visit.open("/consents", app="bank")
    visit.look_around("bank-consents")
    visit.press("Revoke the consent of Batua")
    expect(visit.page.locator('[data-state="revoked"]')).to_be_visible()
    visit.look("bank-consents-revoked")


def refused_and_led_there(visit: Visit) -> None:
    visit.open("/add-money")
    visit.page.get_by_role("link", name="From State Bank of Batua").click()
    expect(visit.page.get_by_text("is not linked any more")).to_be_visible()
    visit.look("links-over")
    visit.page.get_by_role("link", name="Go to State Bank of Batua").click()
    expect(visit.page.locator('[name="bank"][value="SBB"]')).to_be_checked()
    add(visit, "100")
