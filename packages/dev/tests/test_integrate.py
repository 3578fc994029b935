"""The guide for platforms: its script and its code run, as they stand, against the running bank."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from batua_bank import demo
from batua_bank.outbox import TYPES
from batua_config import webhooks
from batua_dev.system import Browser, System, free_port, until

pytestmark = [pytest.mark.e2e]

DOCS = Path(__file__).parents[3] / "docs"
SHOP = "mithai"


class Shop(NamedTuple):
    """A client of the bank: its key, and where it listens."""

    secret: str
    port: int

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"


@pytest.fixture(scope="module")
def shop(whole_system: System) -> Shop:
    """A platform that the bank takes on at its desk, page by page and in no other way."""
    whole_system.revive()
    listens, desk = free_port(), whole_system.url("bank") + "/desk"
    origin = f"http://localhost:{listens}"
    client: dict[str, Any] = {"client_id": SHOP, "name": "Mithai", "legal_name": "Mithai LLP"}
    events: dict[str, Any] = dict.fromkeys((kind.replace(".", "_") for kind in TYPES), "y")
    operator = Browser().open(f"{desk}/login")
    operator.submit(username="operator", password="desk-demo-1")
    operator.open(f"{desk}/clients/_new").submit(**client, origins=origin)
    operator.open(f"{desk}/clients/{SHOP}/keys/new").submit(overlap="day")
    secret = operator.find(r">(whsec_[^<]+)<")
    operator.open(f"{desk}/clients/{SHOP}/endpoints/new")
    operator.submit(url=f"{origin}/webhooks", **events)
    assert operator.page.status_code == 200
    return Shop(secret, listens)


def pay(url: str) -> None:
    """Pay, as a customer does in a browser."""
    browser = Browser().open(url)
    browser.submit(customer_id=demo.CUSTOMERS[0].number, password=demo.PASSWORD)
    account = browser.find(r'name="account"[^>]*value="([^"]+)"')
    browser.http.max_redirects = 0  # nobody is at home where it leads back to
    form = {"account": account, "mpin": demo.MPIN, "press": {"action": "approve"}}
    with pytest.raises(Exception, match="redirects"):
        browser.submit(**form)  # pyright: ignore[reportArgumentType]


def test_the_script_takes_a_payment(system: System, shop: Shop) -> None:
    script = DOCS / "examples" / "take_a_payment.py"
    source = script.read_text()
    assert len(source.splitlines()) <= 40
    assert "batua_" not in source
    told = {"BANK": system.url("bank"), "CLIENT": SHOP}
    told |= {"SECRET": shop.secret, "PORT": str(shop.port)}
    with subprocess.Popen(
        [sys.executable, script], env={**os.environ, **told}, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout
        try:
            pay(running.stdout.readline().removeprefix("Pay here: ").strip())
            assert running.stdout.readline() == "Paid: ₹499.00\n"
            assert running.wait(5) == 0
        finally:
            running.kill()


def blocks() -> list[str]:
    """The Python of the guide, piece by piece."""
    found = re.findall(r"```python\n(.*?)```", (DOCS / "integrate.md").read_text(), re.DOTALL)
    assert len(found) >= 8
    return found


def run(source: str, names: dict[str, Any]) -> None:
    exec(compile(source, "integrate.md", "exec"), names)  # noqa: S102


def test_the_guides_code_runs(system: System, shop: Shop) -> None:
    happened: list[tuple[str, dict[str, Any]]] = []

    def take_in(kind: str, data: dict[str, Any]) -> None:
        happened.append((kind, data))

    names: dict[str, Any] = {
        "BANK": system.url("bank"),
        "CLIENT": SHOP,
        "SECRET": shop.secret,
        "ORIGIN": shop.origin,
        "take_in": take_in,
    }
    for block in blocks():
        run(block, names)
        if "session = call(" in block:
            pay(names["session"]["url"])

    assert [each["code"] for each in names["banks"]] == ["CCB", "SBB"]
    assert names["payment"]["amount"] == 499_00
    assert ("payment.succeeded", names["payment"]) in happened
    assert [each["amount"] for each in names["given_back"]] == [99_00]
    assert names["check"]["matches"]
    assert names["payout"]["status"] in {"pending", "succeeded"}
    assert names["lines"][-1]["number"] >= 1
    assert names["stands"]["balance"] >= 0
    until(lambda: names["call"]("GET", "/api/v1/events?order=newest&limit=1").json()["items"][0][
        "type"] == "payout.succeeded", "the payout was not carried out")  # fmt: skip
    names["last"] = names["catch_up"](names["last"])
    assert [kind for kind, _ in happened][-2:] == ["refund.succeeded", "payout.succeeded"]

    body = b'{"type":"refund.succeeded","timestamp":"2026-01-14T13:14:52+00:00","data":{"id":"x"}}'
    headers = webhooks.sign([shop.secret], "evt_once", body)
    count = len(happened)
    assert [names["hear"](headers, body) for _ in range(2)] == [204, 204]
    assert len(happened) == count + 1
    assert names["hear"]({**headers, "webhook-id": "evt_other"}, body) == 401


def test_the_guides_errors_are_those_that_there_are() -> None:
    text = (DOCS / "integrate.md").read_text()
    listed = set(re.findall(r"^\| \d{3} \| `([a-z_]+)` \|", text, re.MULTILINE))
    source = "\n".join(
        path.read_text()
        for folder in ("apps/bank/src", "packages/db/src", "packages/ui/src")
        for path in (DOCS.parent / folder).rglob("*.py")
    )

    assert len(listed) >= 14
    assert {code for code in listed if f'"{code}"' not in source} == set()
