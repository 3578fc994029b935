"""Money whose news is withheld, seen by an operator: on its way, then gone; the pages looked at."""

import pytest
from playwright.sync_api import Browser, expect

from batua_dev.browser import PHONE, watched_page
from batua_dev.system import System

from .visits import Visit, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.long]
PAGES = ("suspense", "books", "seals?verify=now")


def test_withheld_news_is_on_its_way_and_then_gone(system: System, chromium: Browser) -> None:
    system.stop("bank-worker", "user-worker")
    with watched_page(chromium, PHONE) as page:
        visit = Visit(page, system)
        sign_in(visit, "9876500001")
        reference = pay_and_leave(visit)
        page.context.clear_cookies()
        operate(visit)
        visit.open("/desk/reconciliation")
        visit.press("Read the statements now")
        row = page.get_by_role("row").filter(has_text=reference)
        expect(row).to_contain_text("Captured, not booked yet")
        expect(row).to_contain_text("+₹700.00")
        expect(page.locator("main")).to_contain_text("Every rupee explained")
        visit.look_around("desk-reconciliation")

        system.start("bank-worker", "user-worker")
        until_gone(visit, reference)
        for name in PAGES:
            visit.open(f"/desk/{name}")
            visit.look_around(f"desk-{name.partition('?')[0]}")
    report = system.audit()
    assert report["ok"], report


def pay_and_leave(visit: Visit) -> str:
    """Approve ₹700 at the bank, and close the browser before it leads back to the wallet."""
    visit.open("/add-money")
    visit.fill(amount="700")
    visit.page.locator('[name="bank"][value="SBB"]').check()
    visit.page.locator("main form button.main").click()
    visit.fill(customer_id="10000001", password="bank-demo-1")
    visit.page.locator("main form button.main").click()
    visit.fill(mpin="135790")
    typed = visit.page.locator('[name="mpin"]').evaluate(
        "input => Object.fromEntries(new FormData(input.form))"
    )
    origin = visit.system.url("bank")
    answer = visit.page.request.post(
        visit.page.url,
        form=typed | {"action": "approve"},
        headers={"Origin": origin, "Sec-Fetch-Site": "same-origin"},
        max_redirects=0,
    )
    assert answer.status == 303
    return answer.headers["location"].rpartition("/")[2].partition("?")[0]


def operate(visit: Visit) -> None:
    visit.open("/desk/login")
    visit.fill(username="operator", password="desk-demo-1")
    visit.page.locator("main form button.main").click()
    visit.page.wait_for_url("**/desk")


def until_gone(visit: Visit, reference: str) -> None:
    row = visit.page.get_by_role("row").filter(has_text=reference)
    for _ in range(40):
        visit.open("/desk/reconciliation")
        if row.count() == 0:
            break
        visit.page.wait_for_timeout(500)
    expect(row).to_have_count(0)
    expect(visit.page.locator("main")).to_contain_text("Every rupee explained")
