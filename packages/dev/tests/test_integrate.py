"""The guide for platforms: its script and its code run, as they stand, against the running bank."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import batua_bank
from batua_bank import demo
from batua_bank.clients import registry
from batua_config import webhooks
from batua_config.settings import Settings
from batua_db.database import db
from batua_db.fields import seal
from batua_db.models.clients import Client, ClientSecret, Endpoint
from batua_dev.system import Browser, System, free_port, settings_of, until

pytestmark = [pytest.mark.e2e]

DOCS = Path(__file__).parents[3] / "docs"
SECRET = "whsec_YSBzaG9wIG9mIHN3ZWV0cywgYnkgdGhlIHN0YXRpb24="
SHOP = "mithai"


@pytest.fixture(scope="module")
def port(whole_system: System, worker_settings: Settings) -> int:
    """Where the shop listens: a client of the bank with rows of its own."""
    listens = free_port()
    origin = f"http://localhost:{listens}"
    own = settings_of(whole_system.environment, worker_settings)
    with batua_bank.create_app(own).app_context():
        shop = Client(id=SHOP, name="Mithai", legal_name="Mithai Sweets LLP", origins=[origin])
        db.session.add(shop)
        db.session.flush()
        db.session.add(ClientSecret(client_id=SHOP, sealed=seal(SECRET), hint=SECRET[-4:]))
        db.session.add(Endpoint(client_id=SHOP, url=f"{origin}/webhooks", events=[]))
        registry.open_platforms()
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return listens


def pay(url: str) -> None:
    """Pay, as a customer does in a browser."""
    browser = Browser().open(url)
    browser.submit(customer_id=demo.CUSTOMERS[0].number, password=demo.PASSWORD)
    account = browser.find(r'name="account"[^>]*value="([^"]+)"')
    browser.http.max_redirects = 0  # nobody is at home where it leads back to
    form = {"account": account, "mpin": demo.MPIN, "press": {"action": "approve"}}
    with pytest.raises(Exception, match="redirects"):
        browser.submit(**form)  # pyright: ignore[reportArgumentType]


def test_the_script_takes_a_payment(system: System, port: int) -> None:
    script = DOCS / "examples" / "take_a_payment.py"
    source = script.read_text()
    assert len(source.splitlines()) <= 40
    assert "batua_" not in source
    told = {"BANK": system.url("bank"), "CLIENT": SHOP, "SECRET": SECRET, "PORT": str(port)}
    with subprocess.Popen(
        [sys.executable, script], env={**os.environ, **told}, stdout=subprocess.PIPE, text=True
    ) as shop:
        assert shop.stdout
        try:
            pay(shop.stdout.readline().removeprefix("Pay here: ").strip())
            assert shop.stdout.readline() == "Paid: ₹499.00\n"
            assert shop.wait(5) == 0
        finally:
            shop.kill()


def blocks() -> list[str]:
    """The Python of the guide, piece by piece."""
    found = re.findall(r"```python\n(.*?)```", (DOCS / "integrate.md").read_text(), re.DOTALL)
    assert len(found) >= 8
    return found


def run(source: str, names: dict[str, Any]) -> None:
    exec(compile(source, "integrate.md", "exec"), names)  # noqa: S102


def test_the_guides_code_runs(system: System, port: int) -> None:
    happened: list[tuple[str, dict[str, Any]]] = []

    def take_in(kind: str, data: dict[str, Any]) -> None:
        happened.append((kind, data))

    names: dict[str, Any] = {
        "BANK": system.url("bank"),
        "CLIENT": SHOP,
        "SECRET": SECRET,
        "ORIGIN": f"http://localhost:{port}",
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
    headers = webhooks.sign([SECRET], "evt_once", body)
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
