"""PostgreSQL killed under load, Redis gone: what people see, and what is in the books after."""

import re
import tempfile
import threading
import time
from collections.abc import Generator
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from sqlalchemy import make_url

from batua_config.settings import Settings
from batua_db import migrations
from batua_dev import cluster
from batua_dev.forms import form_with
from batua_dev.postgres import Postgres
from batua_dev.processes import Family
from batua_dev.system import Browser, System, environment_of, seed, until
from batua_dev.valkey import Valkey

pytestmark = [pytest.mark.e2e]
ASHA, RAVI = "+919876500001", "+919876500002"


class Outage:
    """A system on servers of its own, which can be taken from it."""

    def __init__(self, family: Family, settings: Settings, folder: Path) -> None:
        self.family = family
        self.postgres = Postgres(self.family, folder)
        self.valkey = Valkey(self.family, folder)
        for server in (self.postgres, self.valkey):
            server.start()
            server.wait()
        self.postgres.prepare(("batua_user", "batua_bank"))
        owner, app = cluster.OWNER, cluster.APP
        for name in ("batua_user", "batua_bank"):
            url = make_url(self.postgres.url(owner, name)).set(drivername="postgresql+psycopg")
            migrations.upgrade(url.render_as_string(hide_password=False))
        urls = {
            "USER_DATABASE_URL": self.postgres.url(app, "batua_user"),
            "BANK_DATABASE_URL": self.postgres.url(app, "batua_bank"),
            "REDIS_URL": self.valkey.url,
        }
        environment = environment_of(settings, urls)
        seed(environment, settings)
        self.system = System(self.family, environment, folder)
        self.system.revive()

    def kill_postgres(self) -> None:
        """kill -9 of the server under load, and its return on the same port."""
        member = self.postgres.member
        assert member is not None
        member.process.kill()
        member.process.wait()
        self.family.members.remove(member)
        time.sleep(0.5)
        self.postgres.initialise()
        self.postgres.member = self.postgres.launch()
        until(self.postgres.answers, "PostgreSQL did not come back")


@pytest.fixture(scope="module")
def outage(worker_settings: Settings) -> Generator[Outage]:
    with tempfile.TemporaryDirectory(prefix="batua-outage-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # for the unprivileged user that the servers may run as
        family = Family()
        try:
            yield Outage(family, worker_settings, folder)
        finally:
            family.close()


def sign_in(system: System, phone: str) -> Browser:
    browser = Browser().open(system.url("user") + "/login")
    browser.submit(phone=phone, password="batua-demo-1")
    assert browser.where == system.url("user") + "/"
    return browser


def add(browser: Browser, system: System, amount: str) -> None:
    browser.open(system.url("user") + "/add-money").submit(amount=amount, bank="SBB")
    browser.submit(customer_id="10000001", password="bank-demo-1")
    account = browser.find(r'name="account"[^>]*value="([^"]+)"')
    browser.submit(account=account, mpin="135790", press={"action": "approve"})


def balance(browser: Browser, system: System) -> int:
    browser.open(system.url("user") + "/")
    return int(browser.find(r'data-balance="(\d+)"'))


class Sender(threading.Thread):
    """Sends one paisa after another, each until there is a definite answer."""

    def __init__(self, system: System, cookies: dict[str, str], stop: threading.Event) -> None:
        super().__init__()
        self.base = system.url("user")
        self.http = requests.Session()
        self.http.cookies.update(cookies)
        self.stop = stop
        self.receipts: list[str] = []
        self.unsure = 0

    def run(self) -> None:
        form = form_with({"phone"}, self.http.get(self.base + "/send", timeout=20).text).values
        while not self.stop.is_set():
            data = {**form, "key": str(uuid4()), "phone": RAVI, "amount": "0.01", "note": ""}
            preview = self.insist("/send", data)
            receipt = self.insist(preview, {**form, "key": data["key"], "pin": "246810"})
            assert receipt.startswith("/activity/"), receipt
            self.receipts.append(receipt)

    def insist(self, path: str, data: dict[str, str]) -> str:
        """Send a form until it is answered with where to go; the same form each time."""
        for _ in range(300):
            try:
                page = self.http.post(
                    self.base + path, data=data, allow_redirects=False, timeout=10
                )
            except requests.RequestException:
                self.unsure += 1
                continue
            if page.status_code == 303:
                return re.sub(r"^https?://[^/]+", "", page.headers["Location"])
            assert page.status_code == 503, page.text
            assert "Retry-After" in page.headers
            self.unsure += 1
            time.sleep(0.05)
        raise AssertionError(f"{path} was never answered")


def receipts(senders: list[Sender]) -> list[str]:
    """What was sent so far."""
    return [receipt for sender in senders for receipt in sender.receipts]


def test_transfers_survive_the_death_of_postgres(outage: Outage) -> None:
    system = outage.system
    asha = sign_in(system, ASHA)
    add(asha, system, "500")
    until(lambda: balance(asha, system) == 500_00, "never credited")
    stop = threading.Event()
    senders = [Sender(system, dict(asha.http.cookies), stop) for _ in range(3)]
    for sender in senders:
        sender.start()

    # By what was sent and not by the clock: a busy machine must not make it prove less.
    for sent in (8, 16):
        until(lambda sent=sent: len(receipts(senders)) >= sent, "too little is sent", seconds=60)
        outage.kill_postgres()
    until(lambda: len(receipts(senders)) > 20, "nothing is sent any more", seconds=60)
    stop.set()
    for sender in senders:
        sender.join(60)

    sent = receipts(senders)
    assert len(set(sent)) == len(sent) > 20
    assert sum(sender.unsure for sender in senders) > 0, "nothing was interrupted"
    assert balance(asha, system) == 500_00 - len(sent)
    assert balance(sign_in(system, RAVI), system) == len(sent)
    report = system.audit()
    assert report["ok"], report


def test_without_redis_all_but_adding_money_goes_on(outage: Outage) -> None:
    system = outage.system
    asha, ravi = sign_in(system, ASHA), sign_in(system, RAVI)
    ashas, ravis = balance(asha, system), balance(ravi, system)
    add(asha, system, "100")
    until(lambda: balance(asha, system) == ashas + 100_00, "never credited")
    outage.valkey.stop()

    ravi = sign_in(system, RAVI)
    asha.open(system.url("user") + "/send").submit(phone=RAVI, amount="10", note="")
    asha.submit(pin="246810")
    assert "/activity/" in asha.where
    assert (balance(asha, system), balance(ravi, system)) == (ashas + 90_00, ravis + 10_00)
    asha.open(system.url("user") + "/add-money").submit(amount="100", bank="SBB")
    assert asha.page.status_code in {200, 503}
    assert asha.where.startswith(system.url("user"))
    ready = requests.get(system.url("bank") + "/readyz", timeout=5)
    assert ready.status_code == 503
    assert "redis" in ready.text

    report = system.audit()
    assert report["ok"], report
