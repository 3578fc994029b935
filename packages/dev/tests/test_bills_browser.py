"""Bills are paid, refused, and waited for, in Chromium."""

import pytest
from playwright.sync_api import Browser, expect

from batua_dev.browser import PHONE, watched_page
from batua_dev.system import System

from .visits import Visit, add, balance, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.browser]


def test_bills_are_paid_or_come_back(system: System, chromium: Browser) -> None:
    with watched_page(chromium, PHONE) as page:
        visit = Visit(page, system)
        sign_in(visit, "9876500002")
        add(visit, "5,000")
        bill = a_bill(visit)
        refused_and_refunded(visit)
        waits(visit)
        visit.open("/")
        assert balance(visit) == 5_000_00 - bill - 50_00
    report = system.audit()
    assert report["ok"], report


def a_bill(visit: Visit) -> int:
    """A wrong number first; then the bill that the biller has, in paise."""
    visit.open("/pay")
    visit.look_around("pay")
    visit.page.get_by_role("link", name="Deccan Power").click()
    visit.fill(reference="20471", note="The flat in Jayanagar")
    visit.go_on()
    visit.refused("An account ID has ten digits")
    expect(visit.page.locator('[name="reference"]')).to_have_value("20471")
    expect(visit.page.locator('[name="note"]')).to_have_value("The flat in Jayanagar")
    visit.look_around("bill-wrong-number")
    visit.fill(reference="20471 18803")
    visit.go_on()
    visit.page.wait_for_url("**/pay/DECCAN/*")
    visit.look_around("bill-check")
    amount = int(visit.page.locator("data.sum").first.get_attribute("value") or "")
    pay(visit, "confirmed")
    expect(visit.page.get_by_text("DEC").first).to_be_visible()
    visit.look_around("bill-paid")
    return amount


def refused_and_refunded(visit: Visit) -> None:
    recharge(visit, "98450 12002")
    pay(visit, "refunded")
    expect(visit.page.locator("main")).to_contain_text("no active connection")
    visit.look_around("bill-refunded")


def waits(visit: Visit) -> None:
    """The first answer is lost; the page says so, and then by itself how it ended."""
    recharge(visit, "98450 12003")
    pay(visit, "paid")
    visit.look_around("bill-waits")
    visit.becomes("confirmed")


def recharge(visit: Visit, number: str) -> None:
    visit.open("/pay/TARANG")
    visit.fill(reference=number, amount="50")
    visit.go_on()


def pay(visit: Visit, state: str) -> None:
    visit.fill(pin="246810")
    visit.go_on()
    expect(visit.page.locator(f'[data-state="{state}"]')).to_be_visible()
