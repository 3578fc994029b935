"""The main job through a system that runs elsewhere: ``python -m batua_dev.drive WALLET BANK``.

It needs the demo people, and the messages that only development shows.
"""

import argparse
import secrets
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from .main_job import ASHA, RAVI, add, balance, register, sign_in
from .system import Browser, until


class Loopback(HTTPAdapter):
    """Reaches ``*.localhost`` as browsers do: on this machine, whatever its resolver knows.

    The certificate there is the proxy's own, and nobody is in between.
    """

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        """Send, to the host that the address names."""
        request.headers["Host"] = urlsplit(request.url or "").netloc
        return super().send(request, *args, **{**kwargs, "verify": False})

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        """Connect to this machine, and ask for the host's certificate."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        return host | {"host": "127.0.0.1"}, pool | {"server_hostname": host["host"]}


class Deployed:
    """A wallet and its bank at two addresses."""

    def __init__(self, user: str, bank: str) -> None:
        self._urls = {"user": user.rstrip("/"), "bank": bank.rstrip("/")}

    def url(self, app: str) -> str:
        """Where people reach ``app``."""
        return self._urls[app]

    def browser(self) -> Browser:
        """A browser that has not been there yet."""
        browser = Browser()
        for url in self._urls.values():
            if (urlsplit(url).hostname or "").endswith(".localhost"):
                browser.http.mount(url, Loopback())
        return browser


def drive(site: Deployed) -> None:
    """Register, add money, send some of it, and look at every balance."""
    for app in ("user", "bank"):
        until(lambda app=app: _ready(site, app), f"{app} never got ready", seconds=60)
    newcomer = register(site, f"+9198{secrets.randbelow(10**8):08}")
    assert balance(newcomer, site) == 0
    add(newcomer, site, "500")
    assert balance(newcomer, site) == 500_00
    print("registered, and added ₹500")

    asha, ravi = sign_in(site, ASHA), sign_in(site, RAVI)
    before = balance(asha, site), balance(ravi, site)
    add(asha, site, "1,000")
    asha.open(site.url("user") + "/send").submit(phone=RAVI, amount="120.50", note="Dosa")
    asha.submit(pin="246810")
    assert "Dosa" in asha.text
    after = balance(asha, site), balance(ravi, site)
    assert after == (before[0] + 879_50, before[1] + 120_50), (before, after)
    print("added ₹1,000, and sent ₹120.50 of it")


def _ready(site: Deployed, app: str) -> bool:
    try:
        return site.browser().open(site.url(app) + "/readyz").page.ok
    except requests.ConnectionError:
        return False


if __name__ == "__main__":
    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    parser = argparse.ArgumentParser(prog="drive", description=__doc__)
    parser.add_argument("wallet", help="its address, like https://wallet.localhost")
    parser.add_argument("bank", help="its address, like https://bank.localhost")
    typed = parser.parse_args()
    drive(Deployed(typed.wallet, typed.bank))
