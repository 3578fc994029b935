"""A person looks for a payment, and takes it along, in Chromium."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from batua_dev.browser import PHONE, watched_page
from batua_dev.system import System

from .visits import Visit, add, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.browser]


def test_a_payment_is_found_and_taken_along(system: System, chromium: Browser) -> None:
    with watched_page(chromium, PHONE) as page:
        visit = Visit(page, system)
        sign_in(visit, "9876500001")
        add(visit, "1,000")
        pay(visit, "Filter coffee")
        find(visit, "filter coffee")
        follow(visit)
        take_along(visit)
    report = system.audit()
    assert report["ok"], report


def pay(visit: Visit, note: str) -> None:
    visit.open("/send")
    visit.fill(phone="98765 00002", amount="35", note=note)
    visit.page.locator("main form button.main").click()
    visit.fill(pin="246810")
    visit.page.locator("main form button.main").click()
    visit.page.wait_for_url("**/activity/*")


def find(visit: Visit, words: str) -> None:
    visit.open("/activity")
    visit.fill(q=words)
    visit.press("Show")
    expect(visit.page.locator("a.row").first).to_contain_text("Ravi Kumar")
    expect(visit.page.locator("main")).not_to_contain_text("State Bank of Batua")
    visit.look_around("history-found")
    visit.page.get_by_role("link", name="Bills").click()
    expect(visit.page.get_by_text("Nothing found")).to_be_visible()
    visit.look_around("history-nothing")
    visit.page.get_by_role("link", name="Show everything").click()
    expect(visit.page.get_by_text("State Bank of Batua").first).to_be_visible()


def follow(visit: Visit) -> None:
    """From the history to the receipt, to who it was, and to paying them again."""
    visit.page.locator("a.row", has_text="Filter coffee").first.click()
    visit.page.get_by_role("link", name="You and Ravi").click()
    expect(visit.page.get_by_role("heading", name="You and Ravi Kumar")).to_be_visible()
    visit.look_around("person")
    visit.page.get_by_role("link", name="Send to Ravi").click()
    expect(visit.page.locator('[name="phone"]')).to_have_value("98765 00002")


def take_along(visit: Visit) -> None:
    visit.open("/activity?kind=out")
    table = saved(visit, "CSV").decode("utf-8-sig")
    assert re.search(r"Sent,Ravi Kumar,Filter coffee,,35\.00,", table)
    visit.open("/activity")
    assert saved(visit, "So far, PDF").startswith(b"%PDF-")


def saved(visit: Visit, link: str) -> bytes:
    """What is saved when a link is followed."""
    with visit.page.expect_download() as download:
        visit.page.get_by_role("link", name=link).click()
    return Path(download.value.path()).read_bytes()
