"""Changing what guards the money, seeing who signed in, and ending sessions."""

import re
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from batua_bank import demo
from batua_db.database import db
from batua_db.models.netbanking import Access, Consent
from batua_dev.client import FreshClient, fresh_client

pytestmark = pytest.mark.usefixtures("banks")

MPIN = {"password": demo.PASSWORD, "mpin": demo.MPIN, "new": "864209", "again": "864209"}
PASSWORD = {"password": demo.PASSWORD, "new": "a slow boat home", "again": "a slow boat home"}


def happened() -> list[str]:
    return list(db.session.scalars(select(Access.what).order_by(Access.created_at)))


def press(browser: FreshClient, path: str, **typed: str) -> TestResponse:
    """Press a button that posts to ``path``."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get("/security").text)
    assert found
    return browser.post(path, data={"csrf_token": found[1], **typed})


def signed_in(browser: FreshClient) -> bool:
    return browser.get("/accounts").status_code == 200


def test_a_new_mpin_pays_and_the_old_one_does_not(api: Any, customer: Any, approval: Any) -> None:
    browser, other = customer(), customer()
    before = browser.get_cookie("batua_bank")
    answer = browser.submit("/security/mpin", **MPIN)

    assert (answer.status_code, answer.location) == (303, "/security")
    assert before is not None
    stolen = fresh_client(browser.application)
    stolen.set_cookie("batua_bank", before.value)
    assert [signed_in(each) for each in (browser, other, stolen)] == [True, False, False]
    asked = api.ask()
    old = browser.submit(f"{asked['path']}/approve", **approval())
    new = browser.submit(f"{asked['path']}/approve", **approval(mpin="864209"))
    assert (old.status_code, new.status_code) == (422, 303)
    assert happened() == ["signed_in", "signed_in", "mpin_changed"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "wrong wrong wrong"}, "not your password"),
        ({"mpin": "000000"}, "not your MPIN"),
        ({"again": "864200"}, "not the same"),
        ({"new": "111111", "again": "111111"}, "first that others"),
        ({"new": "345678", "again": "345678"}, "first that others"),
        ({"new": demo.MPIN, "again": demo.MPIN}, "your MPIN now"),
        ({"new": "12", "again": "12"}, "6 digits"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_an_mpin_is_not_changed_lightly(customer: Any, changes: dict[str, str], said: str) -> None:
    browser = customer()
    answer = browser.submit("/security/mpin", **(MPIN | changes))

    assert answer.status_code == 422
    assert said in answer.text
    assert "mpin_changed" not in happened()


def test_wrong_mpins_are_counted_here_as_on_the_payment_page(customer: Any) -> None:
    browser = customer()
    wrong = [browser.submit("/security/mpin", **(MPIN | {"mpin": "000000"})) for _ in range(5)]
    right = browser.submit("/security/mpin", **MPIN)

    assert {answer.status_code for answer in wrong} == {422}
    assert right.status_code == 429
    assert right.headers["Retry-After"]


def test_a_new_password_opens_and_the_old_one_does_not(customer: Any) -> None:
    browser, other = customer(), customer()
    answer = browser.submit("/security/password", **PASSWORD)

    assert answer.status_code == 303
    assert [signed_in(each) for each in (browser, other)] == [True, False]
    old = other.submit("/login", customer_id="10000001", password=demo.PASSWORD)
    new = other.submit("/login", customer_id="10000001", password="a slow boat home")
    assert (old.status_code, new.status_code) == (422, 303)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "wrong wrong wrong"}, "not your password"),
        ({"new": "short", "again": "short"}, "at least 10"),
        ({"new": "aaaaaaaaaaaa", "again": "aaaaaaaaaaaa"}, "easily guessed"),
        ({"new": "my 10000001 key", "again": "my 10000001 key"}, "easily guessed"),
        ({"again": "a slow boat hime"}, "not the same"),
        ({"new": demo.PASSWORD, "again": demo.PASSWORD}, "your password now"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_password_is_not_changed_lightly(
    customer: Any, changes: dict[str, str], said: str
) -> None:
    answer = customer().submit("/security/password", **(PASSWORD | changes))

    assert answer.status_code == 422
    assert said in answer.text


def test_each_try_to_sign_in_is_on_record(customer: Any, bank_client: FreshClient) -> None:
    for number in ("10000001", "99999999"):
        bank_client.submit("/login", customer_id=number, password="not the password")
    page = customer().get("/security").text

    assert happened() == ["refused", "signed_in"]
    assert "A try that was refused" in page
    assert "Signed in" in page


def test_one_browser_is_ended_and_then_all_others(customer: Any) -> None:
    here, one, two = customer(), customer(), customer()
    names = re.findall(r'name="session" value="([0-9a-f]{64})"', here.get("/security").text)
    assert len(names) == 2

    ended = press(here, "/security/sign-out-one", session=names[0])
    again = press(here, "/security/sign-out-one", session=names[0])

    assert (ended.status_code, again.status_code) == (303, 404)
    assert sorted([signed_in(one), signed_in(two)]) == [False, True]
    press(here, "/security/sign-out-others")
    assert [signed_in(each) for each in (here, one, two)] == [True, False, False]


def test_nobody_ends_the_session_of_somebody_else(customer: Any) -> None:
    hers, his, second = customer(), customer("10000002"), customer("10000002")
    (name,) = re.findall(r'name="session" value="([0-9a-f]{64})"', his.get("/security").text)

    answer = press(hers, "/security/sign-out-one", session=name)

    assert answer.status_code == 404
    assert signed_in(second)


def test_payments_and_consents_are_shown_to_who_gave_them(
    api: Any, customer: Any, approval: Any
) -> None:
    asked, browser, ravi = api.ask(consent={"cap": 500_00}), customer(), customer("10000002")
    browser.submit(f"{asked['path']}/approve", **approval(consent="y", cap="321"))
    (consent,) = api.get(f"/consents?reference={asked['reference']}").get_json()["items"]
    terms = {"amount": 12_34, "currency": "INR", "consent": consent["id"], "reference": "R-9"}
    payment = api.post("/payments", terms).get_json()
    api.post(f"/payments/{payment['id']}/refunds", {"amount": 2_34, "reason": "No."})

    page = browser.get("/payments").text
    for said in ("₹500.00", "₹12.34", "R-9", "by standing consent", "Returned ₹2.34", "··4471"):
        assert said in page, said
    assert "₹321.00" in browser.get("/consents").text
    assert "R-9" not in ravi.get("/payments").text
    assert "₹321.00" not in ravi.get("/consents").text

    path = f"/consents/{consent['id']}/revoke"
    assert press(ravi, path).status_code == 404
    assert press(ravi, f"/consents/{uuid4()}/revoke").status_code == 404
    assert db.session.scalars(select(Consent.status)).one() == "active"
    assert press(browser, path).status_code == 303
    refused = api.post("/payments", terms | {"reference": "R-10"})
    assert refused.get_json()["error"]["code"] == "consent_revoked"
    assert 'data-state="revoked"' in browser.get("/consents").text


def test_strangers_see_none_of_it(bank_client: FreshClient) -> None:
    for path in ("/payments", "/consents", "/security", "/security/mpin", "/security/password"):
        answer = bank_client.get(path)
        assert answer.status_code == 303
        assert answer.location.startswith("/login")


def test_payments_have_pages_without_gap_or_repeat(
    api: Any, customer: Any, approval: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batua_bank.payments.queries.A_PAGE", 2)
    browser = customer()
    asked = [api.ask() for _ in range(5)]
    for each in asked:
        browser.submit(f"{each['path']}/approve", **approval())
    seen: list[str] = []
    path: str | None = "/payments"
    while path:
        page = browser.get(path).text
        seen += re.findall(r"Reference ([0-9a-f-]{36})", page)
        older = re.search(r'<a class="btn" href="([^"]+)">Older', page)
        path = older[1] if older else None

    assert seen == [each["reference"] for each in reversed(asked)]
