"""A developer's first day at the bank, in Chromium: a key, an endpoint, a payment, a replay."""

import re
import subprocess
import sys

import pytest
from playwright.sync_api import Browser, expect

from batua_dev.browser import DESKTOP, NARROW, PHONE, overflows, watched_page
from batua_dev.system import System, until

from .shop import Shop
from .visits import SHOTS, Visit

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.long]
PASSWORD = "a lamp on every desk"


def test_a_developers_first_day(system: System, chromium: Browser) -> None:
    shop = Shop(system.url("bank"), "kirana")
    with (
        watched_page(chromium, DESKTOP) as desk,
        watched_page(chromium, DESKTOP) as theirs,
        watched_page(chromium, PHONE) as customers,
    ):
        operator, developer, customer = (Visit(p, system) for p in (desk, theirs, customers))
        takes_on(operator, shop)
        hires(system)
        signs_in(developer, "sana", PASSWORD)
        makes_a_key(developer, shop)
        adds_an_endpoint(developer, shop)
        shop.refuse = 1
        pays(customer, shop)
        sees_what_happened(developer)
        sends_again(developer, shop)
        compares_a_signature(developer)
        looks_back(operator)
    shop.shutdown()
    shop.server_close()
    report = system.audit()
    assert report["ok"], report


def look(visit: Visit, name: str) -> None:
    """On a desktop, on a phone, and as narrow as phones get."""
    visit.look_around(name)
    visit.page.set_viewport_size(NARROW)
    assert not overflows(visit.page), f"{name} at 320 px"
    visit.page.set_viewport_size(DESKTOP)


def glance(visit: Visit, name: str) -> None:
    """It fits; and all of it is looked at by whoever asks for pictures."""
    if SHOTS:
        return look(visit, name)
    visit.page.set_viewport_size(NARROW)
    assert not overflows(visit.page), f"{name} at 320 px"
    return visit.page.set_viewport_size(DESKTOP)


def signs_in(visit: Visit, username: str, password: str) -> None:
    visit.open("/desk", "bank")
    visit.fill(username=username, password=password)
    visit.press("Sign in")
    expect(visit.page.get_by_role("heading", level=1)).to_be_visible()


def takes_on(operator: Visit, shop: Shop) -> None:
    signs_in(operator, "operator", "desk-demo-1")
    operator.open("/desk/clients/_new", "bank")
    operator.fill(client_id="kirana", name="Kirana", legal_name="Kirana Stores LLP")
    operator.fill(origins=shop.origin)
    glance(operator, "clients-new")
    operator.press("Make the client")
    operator.page.wait_for_url("**/desk/clients/kirana")


def hires(system: System) -> None:
    command = [sys.executable, "-m", "batua_bank.desk.staffing", "hire", "sana", "developer"]
    subprocess.run(
        [*command, "Sana Shaikh", "--client", "kirana"], env=system.environment, check=True,
        input=f"{PASSWORD}\n", text=True, start_new_session=True, capture_output=True, timeout=30,
    )  # fmt: skip


def makes_a_key(developer: Visit, shop: Shop) -> None:
    glance(developer, "developer-home")
    developer.page.get_by_role("link", name="Open it").click()
    glance(developer, "client-empty")
    developer.page.get_by_role("link", name="Make the first").click()
    glance(developer, "client-key-new")
    developer.press("Make the key")
    shop.key = developer.page.get_by_label("Key of Kirana").input_value()
    assert shop.key.startswith("whsec_")
    look(developer, "client-key")
    developer.page.get_by_role("link", name="I have it").click()
    assert shop.key not in developer.page.content()


def adds_an_endpoint(developer: Visit, shop: Shop) -> None:
    developer.page.get_by_role("link", name="Add").click()
    developer.fill(url="https://192.168.1.1/hooks")
    developer.press("Add it")
    developer.refused("not on the public internet")
    glance(developer, "client-endpoint-refused")
    developer.fill(url=f"{shop.origin}/hooks")
    developer.press("Add it")
    expect(developer.page.get_by_role("link", name=f"{shop.origin}/hooks")).to_be_visible()


def pays(customer: Visit, shop: Shop) -> None:
    """A customer of the shop's pays on the bank's page, and is led back to the shop."""
    customer.page.goto(shop.ask("order-42", 499_00)["url"])
    expect(customer.page.get_by_text("Kirana Stores LLP").first).to_be_visible()
    customer.fill(customer_id="10000001", password="bank-demo-1")
    customer.page.locator("main form button.main").click()
    customer.fill(mpin="135790")
    customer.page.locator('[name="action"][value="approve"]').click()
    customer.page.wait_for_url(re.compile("/thanks"))


def sees_what_happened(developer: Visit) -> None:
    page = developer.page
    page.reload()
    page.get_by_role("link", name="POST /payment-sessions").click()
    expect(page.get_by_text('"reference": "order-42"').first).to_be_visible()
    look(developer, "client-call")
    page.get_by_role("navigation", name="Of this client").get_by_text("Events").click()
    glance(developer, "client-events")
    page.get_by_role("link", name="payment.succeeded").click()
    until(lambda: "The shop is being painted" in _again(developer), "no attempt", seconds=20)
    look(developer, "client-event")


def _again(developer: Visit) -> str:
    developer.page.reload()
    return developer.page.content()


def sends_again(developer: Visit, shop: Shop) -> None:
    until(lambda: shop.paid == ["order-42"], "the shop was not told", seconds=20)
    until(lambda: 'data-state="delivered"' in _again(developer), "not delivered", seconds=10)
    developer.press("Send again")
    until(lambda: shop.paid == ["order-42"] * 2, "the shop was not told again", seconds=10)
    developer.open("/desk/clients/kirana/replay", "bank")
    glance(developer, "client-replay")
    developer.page.get_by_label("Only what was not delivered").uncheck()
    developer.press("Send again")
    expect(developer.page.get_by_text("On their way: 1.")).to_be_visible()
    until(lambda: shop.paid == ["order-42"] * 3, "the shop was not told thrice", seconds=10)
    developer.open("/desk/clients/kirana", "bank")
    look(developer, "client")


def compares_a_signature(developer: Visit) -> None:
    developer.open("/desk/clients/kirana/tester", "bank")
    developer.fill(message_id="evt_1", timestamp="1700000000", signature="v1,AAAA", body="{}")
    developer.press("Test it")
    expect(developer.page.get_by_text("No key of this client’s made it")).to_be_visible()
    glance(developer, "client-tester")
    developer.open("/desk/clients/kirana/tester/call", "bank")
    glance(developer, "client-tester-call")
    developer.open("/desk/clients/kirana/calls?outcome=good", "bank")
    glance(developer, "client-calls")


def looks_back(operator: Visit) -> None:
    operator.open("/desk/clients", "bank")
    glance(operator, "clients")
    operator.open("/desk/clients/wallet", "bank")
    expect(operator.page.get_by_text("Its keys come from the settings")).to_be_visible()
    glance(operator, "client-wallet")
    operator.open("/desk/clients/kirana/close", "bank")
    glance(operator, "client-close")
