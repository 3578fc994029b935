"""Every page of the desk, walked by everybody: strangers, people, and each role."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from batua_db.database import db, transaction
from batua_db.models.desk import Correction, Staff
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_dev.client import FreshClient, fresh_client
from batua_ui.desk import guard
from batua_user.desk import access
from batua_user.kyc import service as kyc

from .desk import STAFF_PASSWORD, AtDesk, enter, held_back, sent, settlement_file, start_business
from .helpers import MakeTopup, SignIn, cookie_of, token_of
from .the_bank import TheBank

pytestmark = pytest.mark.usefixtures("session")

POSTS = {"desk.people.phone", "desk.people.freeze", "desk.people.unfreeze", "desk.kyc.identity",
         "desk.kyc.decide", "desk.merchants.decide", "desk.corrections.propose",
         "desk.corrections.decide", "desk.reconciliation.read", "desk.reconciliation.resume",
         "desk.suspense.act"}  # fmt: skip


@pytest.fixture
def subjects(
    rich: User, ravi: User, operator: Staff, make_user: Any, make_topup: MakeTopup,
    the_bank: TheBank,
) -> dict[str, UUID]:  # fmt: skip
    """Something for each kind of address."""
    meena = make_user("Meena Iyer", tier="small")
    request = kyc.ask(meena, name="Meena Iyer", pan="ABCPR1234F", birth_date=date(1990, 1, 2))
    transfer = sent(rich, ravi, "100")
    correction = uuid4()
    with transaction():
        db.session.add(
            Correction(
                id=correction, reverses=transfer, amount=Money(5000), reason="sent twice",
                proposed_by=operator.id,
            )
        )  # fmt: skip
    return {
        "person_id": ravi.id,
        "request_id": request,
        "merchant_id": start_business(ravi),
        "reference": transfer,
        "transfer_id": transfer,
        "correction_id": correction,
        "file_id": settlement_file(rich),
        "topup_id": held_back(rich, make_topup, the_bank),
    }


def addresses(app: Flask, subjects: dict[str, UUID]) -> Iterator[tuple[str, str, str]]:
    """Each page of the desk but its door: endpoint, method, path."""
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            if not rule.endpoint.startswith("desk.") or rule.endpoint in guard.OPEN:
                continue
            values = {name: subjects[name] for name in rule.arguments}
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                path = adapter.build(rule.endpoint, values, method=method)
                yield rule.endpoint, method, path


def test_strangers_and_people_are_led_to_the_door(
    user_app: Flask, user_client: FreshClient, signed_in: SignIn, rich: User,
    subjects: dict[str, UUID],
) -> None:  # fmt: skip
    for browser in (user_client, signed_in(rich)):
        for endpoint, method, path in addresses(user_app, subjects):
            answer = browser.open(path, method=method)

            assert answer.status_code == 303, (endpoint, method)
            assert answer.location.startswith("/desk/login"), (endpoint, method)


def test_each_role_sees_and_sends_what_its_line_says(
    user_app: Flask, at_desk: AtDesk, operator: Staff, supervisor: Staff, auditor: Staff,
    subjects: dict[str, UUID],
) -> None:  # fmt: skip
    sent_by: dict[str, set[str]] = {}
    for staff in (operator, supervisor, auditor):
        browser = at_desk(staff)
        token = token_of(browser.get("/desk"))
        for endpoint, method, path in addresses(user_app, subjects):
            if endpoint in guard.LEAVING:
                continue
            answer = browser.open(path, method=method, data={"csrf_token": token})

            allowed = staff.role in access.MAY[endpoint]
            if method == "POST":
                sent_by.setdefault(endpoint, set()).update({staff.role} if allowed else ())
                allowed = allowed and staff.role != "auditor"
            # What is let through is shown, or refused for what its form lacks.
            wanted = {200, 422} if allowed else {403}
            assert answer.status_code in wanted, (staff.role, endpoint, method, answer.text)
            assert answer.headers["Cache-Control"] == "no-store"
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert "Cookie" in answer.headers["Vary"]
    assert set(sent_by) == POSTS
    assert all("auditor" not in roles for roles in sent_by.values())
    assert sent_by["desk.corrections.decide"] == {"supervisor"}


def test_nothing_is_taken_without_a_form_token(
    user_app: Flask, at_desk: AtDesk, supervisor: Staff, subjects: dict[str, UUID]
) -> None:
    browser = at_desk(supervisor)

    for endpoint, method, path in addresses(user_app, subjects):
        if method == "POST":
            assert browser.post(path, data={"reason": "because"}).status_code == 400, endpoint


def test_nothing_is_taken_from_another_site(
    user_app: Flask, at_desk: AtDesk, supervisor: Staff, subjects: dict[str, UUID]
) -> None:
    browser = at_desk(supervisor)
    token = token_of(browser.get("/desk"))

    for endpoint, method, path in addresses(user_app, subjects):
        if method == "POST":
            headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
            answer = browser.post(path, data={"csrf_token": token}, headers=headers)
            assert answer.status_code == 403, endpoint


def test_what_does_not_exist_is_404(
    user_app: Flask, at_desk: AtDesk, supervisor: Staff, subjects: dict[str, UUID]
) -> None:
    nothing = {name: uuid4() for name in subjects}
    browser = at_desk(supervisor)
    token = token_of(browser.get("/desk"))
    data = {"csrf_token": token, "reason": "to see what happens", "decision": "approve",
            "amount": "1", "key": str(uuid4())}  # fmt: skip

    for endpoint, method, path in addresses(user_app, nothing):
        if any(str(each) in path for each in nothing.values()):
            answer = browser.open(path, method=method, data=data)
            assert answer.status_code == 404, (endpoint, method, answer.status_code)


def test_a_stolen_cookie_dies_with_its_session(
    user_app: Flask, at_desk: AtDesk, operator: Staff
) -> None:
    browser, thief = at_desk(operator), fresh_client(user_app)
    page = browser.get("/desk")
    thief.set_cookie("batua_user", cookie_of(browser))
    assert thief.get("/desk").status_code == 200

    browser.post("/desk/logout", data={"csrf_token": token_of(page)})

    assert thief.get("/desk").status_code == 303


def test_logs_tell_nothing_of_what_staff_typed_or_saw(
    at_desk: AtDesk, user_client: FreshClient, operator: Staff, ravi: User,
    subjects: dict[str, UUID], capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    enter(user_client, operator.username, "not the right password")
    enter(user_client, operator.username)
    desk, request = at_desk(operator), f"/desk/kyc/{subjects['request_id']}"
    desk.get("/desk/people", query_string={"q": ravi.phone})
    shown = desk.submit(f"/desk/people/{ravi.id}", reason="He asked to be called")
    token = token_of(desk.get(request))
    identity = desk.post(f"{request}/identity", data={"csrf_token": token})

    logged = "".join(capfd.readouterr())

    assert ravi.phone.removeprefix("+91") in shown.text.replace(" ", "")
    assert "ABCPR1234F" in identity.text
    assert "desk.kyc.identity" in logged
    for secret in (ravi.phone[-10:], "ABCPR1234F", "1990-01-02", operator.username, STAFF_PASSWORD,
                   "not the right password", "He asked", "Ravi", token):  # fmt: skip
        assert secret not in logged, secret
