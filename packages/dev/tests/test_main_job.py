"""The main job, over real HTTP, between two real apps and their workers."""

import re
import time
from uuid import uuid4

import pytest
import redis as redis_client
import requests

from batua_dev.main_job import ASHA, RAVI, add, approve, ask, balance, becomes, register, sign_in
from batua_dev.system import System, until

pytestmark = [pytest.mark.e2e]


def everything_agrees(system: System, *, settled: bool = True) -> None:
    """Both books hold, and they hold the same."""
    report = system.audit()
    assert report["ok"] is True, report
    assert [b["sum"] for b in report["books"].values()] == [0, 0]
    assert [b["faults"] for b in report["books"].values()] == [[], []]
    for bank in report["reconciliation"]:
        assert bank["difference"] == 0, bank
        if settled:
            assert bank["platform"] == -bank["float"], bank


def test_the_main_job(system: System) -> None:
    lakshmi = register(system, "+919845012345")
    assert lakshmi.where == system.url("user") + "/"
    assert balance(lakshmi, system) == 0
    add(lakshmi, system, "500")
    assert balance(lakshmi, system) == 500_00

    asha, ravi = sign_in(system, ASHA), sign_in(system, RAVI)
    assert (balance(asha, system), balance(ravi, system)) == (0, 0)
    add(asha, system, "1,000")
    asha.open(system.url("user") + "/send").submit(
        phone="98765 00002", amount="120.50", note="Dosa"
    )
    assert re.search(r"/send/[0-9a-f-]{36}$", asha.where)
    preview = asha.where
    asha.submit(pin="246810")
    assert re.search(r"/activity/[0-9a-f-]{36}$", asha.where)
    receipt = asha.where
    assert "Dosa" in asha.text
    assert "120" in asha.text

    assert balance(asha, system) == 879_50
    assert balance(ravi, system) == 120_50
    for browser, sign, after in ((asha, "−₹120.50", "₹879.50"), (ravi, "+₹120.50", "₹120.50")):
        browser.open(system.url("user") + "/activity")
        assert sign in browser.text
        assert after in browser.text
        assert "Dosa" in browser.text
    assert asha.open(preview).where == receipt  # the Back button, after it is done
    assert ravi.open(receipt).page.status_code == 200
    assert lakshmi.open(receipt).page.status_code == 404
    everything_agrees(system)


def test_money_arrives_though_the_wallet_was_down(system: System) -> None:
    asha = sign_in(system, ASHA)
    before = balance(asha, system)
    ask(asha, system, "250")
    system.kill("user", "user-worker")
    with pytest.raises(requests.ConnectionError):
        approve(asha)
    time.sleep(1)
    everything_agrees(system, settled=False)  # captured, not yet booked, and named

    system.revive()

    asha = sign_in(system, ASHA)
    until(lambda: balance(asha, system) == before + 250_00, "never credited")
    everything_agrees(system)


@pytest.mark.parametrize("silent", ["bank-worker", "user-worker"])
def test_either_input_alone_credits(system: System, silent: str) -> None:
    """Without webhooks the poll heals; without the poll the webhook does."""
    ravi = sign_in(system, RAVI)
    before = balance(ravi, system)
    ask(ravi, system, "75")
    system.kill(silent)
    approve(ravi, "10000002")

    # Home, not the status page, which would ask the bank by itself.
    until(lambda: balance(ravi, system) == before + 75_00, "never credited", seconds=40)
    system.revive()
    everything_agrees(system)


def test_workers_killed_again_and_again_lose_nothing(system: System) -> None:
    asha = sign_in(system, ASHA)
    before = balance(asha, system)
    for amount in (1, 2, 3):
        approve(ask(asha, system, str(amount)))
        system.kill("bank-worker", "user-worker")
        system.revive()

    until(lambda: balance(asha, system) == before + 6_00, "never credited", seconds=40)
    everything_agrees(system)


def test_declined_money_stays_where_it_is(system: System) -> None:
    asha = sign_in(system, ASHA)
    before = balance(asha, system)

    approve(ask(asha, system, "40"), action="decline")

    becomes(asha, "declined")
    assert balance(asha, system) == before
    everything_agrees(system)


def test_a_flushed_redis_costs_a_link_and_no_money(system: System) -> None:
    cache = redis_client.Redis.from_url(system.environment["REDIS_URL"])
    ravi = sign_in(system, RAVI)
    before = balance(ravi, system)
    ask(ravi, system, "60")
    link = ravi.where
    cache.flushdb()
    assert ravi.open(link).page.status_code == 410
    assert balance(ravi, system) == before

    approve(ask(ravi, system, "70"), "10000002")
    cache.flushdb()
    becomes(ravi, "credited")
    assert balance(ravi, system) == before + 70_00
    everything_agrees(system)


def test_the_second_click_sends_nothing(system: System) -> None:
    asha, ravi = sign_in(system, ASHA), sign_in(system, RAVI)
    add(ravi, system, "100", "10000002")
    before = balance(asha, system), balance(ravi, system)
    ravi.open(system.url("user") + "/send").submit(phone=ASHA, amount="30", note="")
    preview = ravi.page
    ravi.submit(pin="246810")
    first = ravi.where
    ravi.page = preview
    ravi.submit(pin="246810")

    assert ravi.where == first
    after = balance(asha, system), balance(ravi, system)
    assert after == (before[0] + 30_00, before[1] - 30_00)
    everything_agrees(system)


def test_signing_out_ends_every_copy_of_the_cookie(system: System) -> None:
    asha = sign_in(system, ASHA)
    copy = dict(asha.http.cookies)
    asha.open(system.url("user") + "/settings")
    token = asha.find(r'name="csrf_token"[^>]*value="([^"]+)"')
    asha.http.post(system.url("user") + "/logout", data={"csrf_token": token}, timeout=5)

    page = requests.get(
        system.url("user") + "/activity", cookies=copy, allow_redirects=False, timeout=5
    )

    assert page.status_code in {302, 303}
    assert "/login" in page.headers["Location"]


def test_the_apps_agree_on_what_a_stranger_is(system: System) -> None:
    api = system.url("bank") + "/api/v1/payment-sessions"
    forged = requests.post(api, json={}, headers={"Idempotency-Key": str(uuid4())}, timeout=5)
    webhook = requests.post(system.url("user") + "/webhooks/bank", data=b"{}", timeout=5)

    assert forged.status_code == 401
    assert webhook.status_code == 401
