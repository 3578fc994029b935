"""Money goes to one's bank, and is back where the bank can't take it, in Chromium."""

import psycopg
import pytest
from playwright.sync_api import Browser, expect

from batua_dev.browser import PHONE, watched_page
from batua_dev.system import System

from .visits import Visit, add, balance, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.browser]


def test_money_is_withdrawn_or_comes_back(system: System, chromium: Browser) -> None:
    with watched_page(chromium, PHONE) as page:
        visit = Visit(page, system)
        sign_in(visit, "9876500001")
        add(visit, "2,000")
        link(visit)
        order(visit)
        arrives(visit)
        is_at_the_bank(visit)
        comes_back(visit)
        visit.open("/")
        assert balance(visit) == 1_500_00
    report = system.audit()
    assert report["ok"], report


def link(visit: Visit) -> None:
    """First the account of somebody else, which is not to be had."""
    visit.open("/withdraw")
    visit.look_around("withdraw-no-account")
    visit.page.get_by_role("link", name="Link an account").click()
    visit.page.locator('[name="bank"][value="SBB"]').check()
    visit.fill(account_number="018100009020", ifsc="SBBB0000181")
    visit.go_on()
    visit.refused("no such account in this name")
    expect(visit.page.locator('[name="ifsc"]')).to_have_value("SBBB0000181")
    visit.look_around("bank-accounts-refused")
    visit.fill(account_number="018100004471")
    visit.go_on()
    expect(visit.page.get_by_text("State Bank of Batua ··4471")).to_be_visible()
    visit.look_around("bank-accounts")


def order(visit: Visit) -> None:
    """First more than there is."""
    visit.open("/withdraw")
    visit.fill(amount="9,000")
    visit.go_on()
    visit.refused("short")
    expect(visit.page.locator('[name="amount"]')).to_have_value("9,000")
    visit.look_around("withdraw-short")
    visit.fill(amount="500")
    visit.go_on()
    visit.page.wait_for_url("**/withdraw/*")
    visit.look_around("withdraw-check")


def arrives(visit: Visit) -> None:
    """While the bank rests it is on the way; then it is there, on the page that is open."""
    visit.system.stop("bank-worker")
    visit.fill(pin="246810")
    visit.go_on()
    expect(visit.page.locator('[data-state="in_flight"]')).to_be_visible()
    visit.look_around("withdraw-on-its-way")
    visit.system.start("bank-worker")
    visit.becomes("paid")
    visit.look_around("withdraw-paid")


def is_at_the_bank(visit: Visit) -> None:
    """As net banking says, where the person signed in to add money."""
    visit.open("/accounts", app="bank")
    visit.page.locator("main a", has_text="4471").first.click()
    expect(visit.page.locator("main")).to_contain_text("+₹500.00")
    expect(visit.page.locator("main")).to_contain_text("From Batua")
    visit.look_around("bank-statement")


def comes_back(visit: Visit) -> None:
    """The bank has given the account another number since it was linked."""
    url = visit.system.environment["BANK_DATABASE_URL"]
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE bank.account SET number = '9' || number")
    visit.open("/withdraw")
    visit.fill(amount="300")
    visit.go_on()
    visit.fill(pin="246810")
    visit.go_on()
    visit.becomes("returned")
    expect(visit.page.get_by_text("Your bank knows no such account.").first).to_be_visible()
    visit.look_around("withdraw-returned")
