"""What a person does in Chromium, and a look at every page on the way."""

import os
from pathlib import Path

import requests
from playwright.sync_api import Page, expect

from batua_dev.browser import DESKTOP, PHONE, overflows, photograph, schemes, violations
from batua_dev.system import System

ROOT = Path(__file__).parents[3]
AXE = ROOT / "packages/ui/tests/vendor/axe.min.js"
SHOTS = os.environ.get("BATUA_SHOTS")  # a folder, for whoever wants to see the pages


class Visit:
    """A person at a screen of one size: does things, and looks at every page on the way."""

    def __init__(self, page: Page, system: System) -> None:
        self.page = page
        self.system = system

    def open(self, path: str, app: str = "user") -> None:
        self.page.goto(self.system.url(app) + path)

    def fill(self, **typed: str) -> None:
        for name, value in typed.items():
            self.page.locator(f'[name="{name}"]').first.fill(value)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def go_on(self) -> None:
        """Press the one main button of the form."""
        self.page.locator("main form button.main").click()

    def refused(self, words: str) -> None:
        """The form is back, and says ``words`` beside what was typed."""
        expect(self.page.locator("main .field .error", has_text=words)).to_be_visible()

    def becomes(self, state: str) -> None:
        """The open page comes to show ``state`` by itself: it is never loaded anew."""
        self.page.evaluate("window.stayed = true")
        expect(self.page.locator(f'[data-state="{state}"]')).to_be_visible(timeout=20_000)
        assert self.page.evaluate("window.stayed")

    def look(self, name: str) -> None:
        """The page fits and is usable by all; it is photographed for whoever wants to see it."""
        if SHOTS:
            photograph(self.page, Path(SHOTS), name)
        assert not overflows(self.page), f"{name} is wider than its window"
        for scheme in schemes(self.page):
            self.page.emulate_media(color_scheme=scheme)
            found = violations(self.page, AXE)
            assert not found, f"{name}, {scheme}: {found}"
        self.page.emulate_media(color_scheme="light")

    def look_around(self, name: str) -> None:
        """Look at the page as it is on a phone, and on a desktop."""
        for size in (DESKTOP, PHONE):
            self.page.set_viewport_size(size)
            self.look(name)


def sign_in(visit: Visit, phone: str) -> None:
    visit.open("/login")
    visit.fill(phone=phone, password="batua-demo-1")
    visit.press("Sign in")
    expect(visit.page.locator("[data-balance]")).to_be_visible()


def code_for(system: System, phone: str) -> str:
    query = {"to": phone, "format": "json"}
    messages = requests.get(system.url("user") + "/dev/messages", params=query, timeout=5)
    return str(messages.json()[0]["code"])


def add(visit: Visit, amount: str, *, look: bool = False) -> None:
    """Add money at SBB, and wait until it is there, without a reload."""
    looked = visit.look_around if look else lambda _name: None
    visit.open("/add-money")
    looked("add-money")
    visit.fill(amount=amount)
    visit.page.locator('[name="bank"][value="SBB"]').check()
    visit.page.locator("main form button.main").click()
    expect(visit.page.locator("[data-expires-at]").first).to_be_visible()
    looked("bank-pay")
    visit.fill(customer_id="10000001", password="bank-demo-1")
    visit.page.locator("main form button.main").click()
    visit.fill(mpin="135790")
    looked("bank-approve")
    visit.page.locator('[name="action"][value="approve"]').click()
    expect(visit.page.locator('[data-state="credited"]')).to_be_visible(timeout=15_000)
    looked("add-money-credited")


def balance(visit: Visit) -> int:
    return int(visit.page.locator("[data-balance]").get_attribute("data-balance") or "")
