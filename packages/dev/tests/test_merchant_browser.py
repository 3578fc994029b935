"""A business in Chromium: started, paid by its QR, some given back, the rest at the bank."""

from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect
from pydantic import SecretStr
from sqlalchemy import select

from batua_config.settings import Settings
from batua_db import credentials
from batua_db.database import db, transaction
from batua_db.models.desk import Staff
from batua_db.models.payments import Merchant
from batua_dev.browser import PHONE, watched_page
from batua_dev.system import System
from batua_user import create_app
from batua_user.merchants.service import decide

from .visits import Visit, add, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.browser]


def test_a_business_takes_money_and_it_reaches_the_bank(
    system: System, chromium: Browser, worker_settings: Settings
) -> None:
    name = "Asha Rao Tiffin"
    with watched_page(chromium, PHONE) as page, watched_page(chromium, PHONE) as other:
        mine, theirs = Visit(page, system), Visit(other, system)
        sign_in(mine, "9876500001")
        start(mine, name)
        approve(system, worker_settings, name)
        link_account(mine)
        link = ask_for(mine)
        sign_in(theirs, "9876500002")
        add(theirs, "500")
        pay(theirs, link)
        expect(page.locator('[data-state="paid"]')).to_be_visible(timeout=15_000)
        mine.look_around("merchant-order-paid")
        give_back(mine)
        other.reload()
        expect(other.get_by_text("Given back since")).to_be_visible()
        theirs.look_around("payment-receipt")
        theirs.open("/pay")
        expect(other.get_by_text(name)).to_be_visible()
        theirs.look_around("pay")
        settle(mine)
        look_back(mine)
        arrived(mine)
    report = system.audit()
    assert report["ok"], report


def start(visit: Visit, name: str) -> None:
    visit.open("/merchant")
    visit.look_around("merchant-start")
    visit.fill(business_name=name)
    visit.page.locator('[name="category"]').select_option("food")
    visit.page.locator("main form button.main").click()
    expect(visit.page.locator('[data-state="waiting"]')).to_be_visible()
    visit.look_around("merchant-new")


def approve(system: System, settings: Settings, name: str) -> None:
    """As an operator does at the desk."""
    url = SecretStr(system.environment["USER_DATABASE_URL"])
    app = create_app(settings.model_copy(update={"USER_DATABASE_URL": url}))
    with app.app_context(), transaction():
        staff = Staff(
            id=uuid4(),
            username=f"operator-{uuid4().hex[:8]}",
            name="An operator",
            password_hash=credentials.hash_password("desk-demo-1"),
            role="operator",
        )
        db.session.add(staff)
        db.session.flush()
        found = select(Merchant.id).where(Merchant.business_name == name)
        decide(db.session.scalars(found).one(), staff.id, approve=True, reason="")
    with app.app_context():
        db.engine.dispose()


def link_account(visit: Visit) -> None:
    visit.open("/bank-accounts")
    visit.page.locator('[name="bank"][value="SBB"]').check()
    visit.fill(account_number="018100004471", ifsc="SBBB0000181", holder="Asha Rao")
    visit.page.locator("main form button.main").click()
    expect(visit.page.get_by_text("Your account is linked")).to_be_visible()


def ask_for(visit: Visit) -> str:
    """Make a QR of ₹250 for an order, and keep its page open; returns where it leads."""
    visit.open("/merchant/qr")
    expect(visit.page.locator(".qr img")).to_have_js_property("complete", True)
    visit.look_around("merchant-qr")
    visit.fill(amount="250", order_no="a-17")
    visit.page.locator("main form button.main").click()
    expect(visit.page.locator('[data-state="open"]')).to_be_visible()
    expect(visit.page.locator(".qr img")).to_have_js_property("complete", True)
    visit.look_around("merchant-order")
    return visit.page.get_by_role("link", name="the link").get_attribute("href") or ""


def pay(visit: Visit, link: str) -> None:
    visit.page.goto(link)
    expect(visit.page.get_by_text("Order A-17")).to_be_visible()
    visit.look_around("pay-order")
    visit.fill(note="Two dosas")
    visit.page.locator("main form button.main").click()
    expect(visit.page.locator('[name="pin"]')).to_be_visible()
    visit.look_around("pay-order-preview")
    visit.fill(pin="246810")
    visit.page.locator("main form button.main").click()
    visit.page.wait_for_url("**/activity/*")


def give_back(visit: Visit) -> None:
    visit.open("/merchant/payments")
    visit.look_around("merchant-payments")
    visit.page.locator("main .row").first.click()
    expect(visit.page.locator('[name="reason"]')).to_be_visible()
    visit.look_around("merchant-payment")
    visit.fill(amount="300", pin="246810")
    visit.page.locator("main form button.main").click()
    expect(visit.page.locator("[aria-invalid]").first).to_be_visible()
    visit.look_around("merchant-refund-errors")
    visit.fill(amount="50", reason="One dosa too many", pin="246810")
    visit.page.locator("main form button.main").click()
    expect(visit.page.get_by_text("₹50.00 given back")).to_be_visible()
    visit.look_around("merchant-refunded")


def settle(visit: Visit) -> None:
    visit.open("/merchant/settle")
    visit.look_around("merchant-settle")
    visit.page.locator("main form button.main").click()
    expect(visit.page.locator('[name="pin"]')).to_be_visible()
    visit.look_around("merchant-settle-preview")
    visit.fill(pin="246810")
    visit.page.locator("main form button.main").click()
    expect(visit.page.locator('[data-state="paid"]')).to_be_visible(timeout=20_000)
    visit.look_around("merchant-settled")


def look_back(visit: Visit) -> None:
    for path, name in (
        ("/merchant", "merchant"),
        ("/merchant/settlements", "merchant-settlements"),
        ("/merchant/settings", "merchant-settings"),
    ):
        visit.open(path)
        visit.look_around(name)


def arrived(visit: Visit) -> None:
    """₹200 less one percent is on the account at the bank."""
    visit.open("/login", app="bank")
    visit.fill(customer_id="10000001", password="bank-demo-1")
    visit.page.locator("main form button.main").click()
    expect(visit.page.get_by_text("₹198.00").first).to_be_visible()
