"""The main job, as people do it: register, add money from a bank, send it on.

Of a ``Site`` only its two addresses are known, so that it may run anywhere.
"""

from typing import Protocol

from .system import Browser, until

ASHA, RAVI = "+919876500001", "+919876500002"


class Site(Protocol):
    """A wallet and its bank, with the demo people in them."""

    def url(self, app: str) -> str:
        """Where people reach ``app``."""
        ...

    def browser(self) -> Browser:
        """A browser that has not been there yet."""
        ...


def sign_in(site: Site, phone: str) -> Browser:
    """Sign in as one of the demo people."""
    browser = site.browser().open(site.url("user") + "/login")
    browser.submit(phone=phone, password="batua-demo-1")
    assert browser.where == site.url("user") + "/"
    return browser


def register(site: Site, phone: str) -> Browser:
    """Register, with the code that was sent."""
    browser = site.browser().open(site.url("user") + "/register")
    browser.submit(name="Lakshmi Iyer", phone=phone, password="a quiet river at noon")
    assert browser.where.endswith("/register/verify"), browser.text
    mailbox = browser.http.get(
        site.url("user") + "/dev/messages", params={"to": phone, "format": "json"}, timeout=20
    )
    return browser.submit(code=mailbox.json()[0]["code"])


def ask(browser: Browser, site: Site, amount: str, bank: str = "SBB") -> Browser:
    """Start adding money, up to the bank's page."""
    browser.open(site.url("user") + "/add-money").submit(amount=amount, bank=bank)
    assert browser.where.startswith(site.url("bank") + "/pay/"), browser.text
    return browser


def approve(browser: Browser, customer: str = "10000001", action: str = "approve") -> Browser:
    """Sign in at the bank, and decide."""
    browser.submit(customer_id=customer, password="bank-demo-1")
    account = browser.find(r'name="account"[^>]*value="([^"]+)"')
    return browser.submit(account=account, mpin="135790", press={"action": action})


def becomes(browser: Browser, wanted: str, seconds: float = 20) -> None:
    """Wait until what is open says that it is ``wanted``."""
    until(lambda: _state(browser) == wanted, f"never {wanted}: {browser.text}", seconds=seconds)


def balance(browser: Browser, site: Site) -> int:
    """What a person has, in paise."""
    browser.open(site.url("user") + "/")
    return int(browser.find(r'data-balance="(\d+)"'))


def add(browser: Browser, site: Site, amount: str, customer: str = "10000001") -> None:
    """Add money, and wait until it is there."""
    approve(ask(browser, site, amount), customer)
    assert browser.where.startswith(site.url("user") + "/add-money/")
    becomes(browser, "credited")


def _state(browser: Browser) -> str:
    browser.open(browser.where)
    return browser.find(r'data-state="([a-z]+)"')
