"""The main job in Chromium, on a phone and on a desktop, looked at in both colour schemes."""

import pytest
from playwright.sync_api import Browser, expect

from batua_dev.browser import DESKTOP, NARROW, PHONE, overflows, watched_page
from batua_dev.system import System

from .visits import Visit, add, balance, code_for, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

NARROWEST = (
    *(
        "/",
        "/add-money",
        "/send",
        "/activity",
        "/settings",
        "/settings/pin",
        "/pay",
        "/pay/MALABAR",
    ),
    *("/withdraw", "/bank-accounts", "/kyc", "/notifications", "/notifications/settings"),
    "/settings/banks",
)


def test_the_main_job_looks_right(system: System, chromium: Browser) -> None:
    with watched_page(chromium, PHONE) as page:
        visit = Visit(page, system)
        newcomer(visit, "9845012345")
        page.goto("about:blank")  # else the bell, signed out, leads the page to sign in as well
        page.context.clear_cookies()
        sign_in(visit, "9876500001")
        before = balance(visit)
        add(visit, "1,000")
        send(visit)
        visit.open("/")
        assert balance(visit) == before + 879_50
        visit.look_around("home")
    report = system.audit()
    assert report["ok"], report


def newcomer(visit: Visit, phone: str) -> None:
    visit.open("/")
    visit.look_around("stranger")
    visit.open("/register")
    visit.look_around("register")
    visit.fill(name="Lakshmi Iyer", phone=phone, password="a quiet river at noon")
    visit.page.locator("main form button.main").click()
    visit.page.wait_for_url("**/register/verify")
    visit.look_around("register-verify")
    visit.fill(code=code_for(visit.system, f"+91{phone}"))
    visit.page.locator("main form button.main").click()
    expect(visit.page.locator('[data-balance="0"]')).to_be_visible()
    visit.look_around("home-new")
    add(visit, "500", look=True)
    visit.open("/")
    expect(visit.page.locator('[data-balance="50000"]')).to_be_visible()
    visit.open("/settings/pin")
    visit.look_around("settings-pin")


def send(visit: Visit) -> None:
    visit.open("/send")
    visit.fill(phone="98765 0000", amount="0")
    visit.page.locator("main form button.main").click()
    expect(visit.page.locator("[aria-invalid]").first).to_be_visible()
    visit.look_around("send-errors")
    visit.fill(phone="98765 00002", amount="120.50", note="Dosa at Vidyarthi Bhavan")
    visit.page.locator("main form button.main").click()
    visit.page.wait_for_url("**/send/*")
    visit.look_around("send-preview")
    visit.fill(pin="246810")
    visit.page.locator("main form button.main").click()
    visit.page.wait_for_url("**/activity/*")
    visit.look_around("receipt")
    visit.open("/activity")
    visit.look_around("activity")
    visit.open("/settings")
    visit.look_around("settings")


def test_the_rest_of_the_pages_look_right(system: System, chromium: Browser) -> None:
    for size in (PHONE, DESKTOP):
        with watched_page(chromium, size) as page:
            visit = Visit(page, system)
            visit.open("/login")
            visit.look("sign-in")
            visit.open("/nowhere")
            visit.look("not-found")
            visit.open("/pay/nowhere", app="bank")
            visit.look("bank-unknown")
            visit.open("/login", app="bank")
            visit.look("bank-sign-in")
            visit.fill(customer_id="10000001", password="bank-demo-1")
            visit.page.locator("main form button.main").click()
            visit.look("bank-accounts")
            visit.open("/api/docs", app="bank")
            visit.look("bank-api")


def test_pages_fit_the_narrowest_phone(system: System, chromium: Browser) -> None:
    with watched_page(chromium, NARROW) as page:
        visit = Visit(page, system)
        visit.open("/")
        assert not overflows(page)
        sign_in(visit, "9876500001")
        for path in NARROWEST:
            visit.open(path)
            assert not overflows(page), path


def test_the_main_job_needs_no_script(system: System, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport=PHONE)
    visit = Visit(context.new_page(), system)
    sign_in(visit, "9876500001")
    visit.open("/add-money")
    visit.fill(amount="300")
    visit.page.locator('[name="bank"][value="SBB"]').check()
    visit.page.locator("main form button.main").click()
    visit.fill(customer_id="10000001", password="bank-demo-1")
    visit.page.locator("main form button.main").click()
    visit.fill(mpin="135790")
    visit.page.locator('[name="action"][value="approve"]').click()
    expect(visit.page.locator('[data-state="credited"]')).to_be_visible(timeout=15_000)
    context.close()
