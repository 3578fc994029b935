"""The simulator's page: who switches what on, and what they see of it."""

from collections.abc import Callable
from typing import Any

import pytest

from batua_bank.simulator.service import Wanted, switch_on
from batua_db.database import db
from batua_db.models.bank_desk import Act
from batua_db.models.simulator import Fault
from batua_dev.client import FreshClient
from batua_dev.forms import form_with

pytestmark = pytest.mark.usefixtures("banks")
PAGE = "/desk/simulator"
AtDesk = Callable[..., FreshClient]


def only() -> Fault:
    db.session.expire_all()
    return db.session.query(Fault).one()


def press(browser: FreshClient, path: str) -> Any:
    form = form_with({"csrf_token"}, browser.get(PAGE).text)
    return browser.post(path, data={"csrf_token": form.values["csrf_token"]})


@pytest.mark.parametrize("who", ["operator", "supervisor"])
def test_a_fault_is_switched_on_fires_and_is_ended(at_desk: AtDesk, api: Any, who: str) -> None:
    browser = at_desk(who)
    assert "All goes well" in browser.get(PAGE).text
    answer = browser.submit(PAGE, what="api_500_before", bank="SBB", uses="5")
    assert answer.location == PAGE
    assert api.post("/payment-sessions", api.terms()).status_code == 500

    page = browser.get(PAGE).text
    assert "1×" in page
    assert f"by {who} · 4 left" in page
    assert press(browser, f"{PAGE}/{only().id}/end").location == PAGE

    assert only().ended_at
    assert "Ended lately" in browser.get(PAGE).text
    acts = [(act.what, act.subject) for act in db.session.query(Act).order_by(Act.created_at)]
    assert acts == [("fault_on", "SBB"), ("fault_off", "SBB")]


def test_one_payment_and_how_is_described(at_desk: AtDesk) -> None:
    at_desk().submit(
        PAGE, what="payout_fails", reference="A-7", failure="account_closed", seconds="0"
    )

    fault = only()
    assert (fault.reference, fault.failure, fault.seconds) == ("A-7", "account_closed", 0)
    assert (fault.bank_code, fault.client, fault.uses_left) == (None, None, None)


def test_all_are_ended_with_one_button(at_desk: AtDesk) -> None:
    browser = at_desk()
    for what in ("slow", "decline"):
        browser.submit(PAGE, what=what, bank="CCB")
    press(browser, f"{PAGE}/end-all")

    db.session.expire_all()
    assert all(fault.ended_at for fault in db.session.query(Fault))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"what": "slow"}, "Name a bank, a payment’s reference or a client."),
        ({"what": "slow", "bank": "SBB", "seconds": "121"}, "from 0 to 120"),
        ({"what": "slow", "bank": "SBB", "uses": "0"}, "from 1 to 999"),
        ({"what": "webhook_duplicated", "bank": "SBB", "times": "٣"}, "from 1 to 20"),
        ({"what": "payout_fails", "bank": "SBB"}, "Say why the payout fails."),
        ({"what": "slow", "reference": "not one"}, "Copy the whole reference"),
        ({"what": "slow", "bank": "XYZ"}, "Choose one of these."),
    ],
    ids=["nothing", "seconds", "uses", "copies", "failure", "reference", "bank"],
)
def test_what_makes_no_sense_is_said_beside_its_field(
    at_desk: AtDesk, typed: dict[str, str], sentence: str
) -> None:
    answer = at_desk().submit(PAGE, **typed)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert db.session.query(Fault).count() == 0


def test_an_auditor_only_looks(at_desk: AtDesk) -> None:
    fault = switch_on(Wanted(what="slow", bank="SBB"), by="a test")
    browser = at_desk("auditor")

    page = browser.get(PAGE)
    assert page.status_code == 200
    assert "Switch it on" not in page.text
    assert "All off" not in page.text
    assert press(browser, f"{PAGE}/{fault}/end").status_code == 403
    assert press(browser, f"{PAGE}/end-all").status_code == 403
    assert press(browser, PAGE).status_code == 403
    assert only().on


def test_a_developer_has_to_do_with_their_own_client(at_desk: AtDesk, other_client: str) -> None:
    others = switch_on(Wanted(what="decline", client=other_client), by="a test")
    switch_on(Wanted(what="decline", bank="SBB", reference="everybody-s"), by="a test")
    browser = at_desk("developer")
    page = browser.get(PAGE).text
    assert "All goes well" in page
    assert other_client not in page
    assert "everybody-s" not in page

    assert browser.submit(PAGE, what="slow", bank="SBB").status_code == 303
    own = db.session.query(Fault).filter_by(what="slow").one()
    assert own.client == "wallet"
    assert browser.submit(PAGE, what="slow", client=other_client).status_code == 422
    assert press(browser, f"{PAGE}/{others}/end").status_code == 404
    press(browser, f"{PAGE}/end-all")
    db.session.expire_all()
    assert [fault.what for fault in db.session.query(Fault) if fault.on] == ["decline"] * 2
