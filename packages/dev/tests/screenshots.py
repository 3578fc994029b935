"""The pictures of the README and the tour: ``just screenshots`` makes them anew.

Not a test, but it needs what the journeys need: the running system with the demo in it, and
Chromium. A few people use Batua as the tour tells; each picture is taken in both schemes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from batua_dev.browser import DESKTOP, PHONE
from batua_dev.system import System

from .visits import ROOT, Visit, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

IMAGES = ROOT / "docs/images"
SHARP = {PHONE["width"]: 1.5, DESKTOP["width"]: 1}  # pixels of the picture to one of the page


def test_take_the_pictures(system: System, chromium: Browser) -> None:
    with at(system, chromium, PHONE) as phone:
        sign_in(phone, "9876500001")
        adds(phone)
        pays_a_bill(phone)
        sends(phone)
        with at(system, chromium, PHONE) as shop:
            pays(phone, asks_for(shop))
        phone.open("/")
        picture(phone, "home")
    with at(system, chromium, DESKTOP) as wide:
        at_the_banks_desk(wide)
    with at(system, chromium, DESKTOP) as wide:
        at_the_desk(wide)
    report = system.audit()
    assert report["ok"], report


def adds(visit: Visit) -> None:
    visit.open("/add-money")
    visit.fill(amount="5,000")
    visit.page.locator('[name="bank"][value="SBB"]').check()
    visit.go_on()
    visit.fill(customer_id="10000001", password="bank-demo-1")
    visit.go_on()
    expect(visit.page.locator('[name="mpin"]')).to_be_visible()
    picture(visit, "approve")
    visit.fill(mpin="135790")
    visit.page.locator('[name="action"][value="approve"]').click()
    expect(visit.page.locator('[data-state="credited"]')).to_be_visible(timeout=15_000)
    picture(visit, "added")


def pays_a_bill(visit: Visit) -> None:
    visit.open("/pay/TARANG")
    visit.fill(reference="98450 12003", amount="299")
    visit.go_on()
    visit.fill(pin="246810")
    visit.go_on()
    expect(visit.page.locator('[data-state="paid"]')).to_be_visible()
    picture(visit, "bill-waits")
    visit.becomes("confirmed")


def sends(visit: Visit) -> None:
    visit.open("/send")
    visit.fill(phone="98765 00002", amount="120.50", note="Dosa at Vidyarthi Bhavan")
    visit.go_on()
    visit.page.wait_for_url("**/send/*")
    visit.fill(pin="246810")
    visit.go_on()
    visit.page.wait_for_url("**/activity/*")


def asks_for(shop: Visit) -> str:
    """The tea stall shows a QR for one order; returns where it leads."""
    sign_in(shop, "9876500011")
    shop.open("/merchant/qr")
    shop.fill(amount="40", order_no="a-17")
    shop.go_on()
    expect(shop.page.locator(".qr img")).to_have_js_property("complete", True)
    picture(shop, "order")
    return shop.page.get_by_role("link", name="the link").get_attribute("href") or ""


def pays(visit: Visit, link: str) -> None:
    visit.page.goto(link)
    visit.fill(note="Two cutting chais")
    visit.go_on()
    visit.fill(pin="246810")
    visit.go_on()
    visit.page.wait_for_url("**/activity/*")


def at_the_banks_desk(visit: Visit) -> None:
    visit.open("/desk/login", app="bank")
    visit.fill(username="operator", password="desk-demo-1")
    visit.go_on()
    visit.open("/desk/simulator", app="bank")
    picture(visit, "simulator")


def at_the_desk(visit: Visit) -> None:
    visit.open("/desk/login")
    visit.fill(username="operator", password="desk-demo-1")
    visit.go_on()
    visit.open("/desk/reconciliation")
    picture(visit, "reconciliation")


@contextmanager
def at(system: System, chromium: Browser, size: ViewportSize) -> Iterator[Visit]:
    """Somebody at a screen of ``size``."""
    context = chromium.new_context(
        viewport=size,
        device_scale_factor=SHARP[size["width"]],
        locale="en-IN",
        timezone_id="Asia/Kolkata",
        reduced_motion="reduce",
    )
    yield Visit(context.new_page(), system)
    context.close()


def picture(visit: Visit, name: str) -> None:
    """What is to be seen without scrolling, by day and by night."""
    IMAGES.mkdir(exist_ok=True)
    for scheme in ("dark", "light"):
        visit.page.emulate_media(color_scheme=scheme)
        path: Path = IMAGES / f"{name}-{scheme}.png"
        visit.page.screenshot(path=path, animations="disabled")
