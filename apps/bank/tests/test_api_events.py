"""Events through the API: in an order that stays, so that whoever pages misses none."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Flag
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from batua_bank.events import service
from batua_bank.outbox import announce
from batua_db.database import db, transaction
from batua_db.models.outbox import Event
from batua_dev.testing import Committed


def happen(*numbers: int, client: str = "wallet", kind: str = "payment.succeeded") -> None:
    for number in numbers:
        with transaction():
            announce(client, kind, {"number": number})


def numbers(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [item["data"]["number"] for item in answer.get_json()["items"]]


def page_through(api: Any, query: str = "", after: str = "") -> list[int]:
    """All numbers from ``after`` on, page by page."""
    found, at = [], after
    while True:
        answer = api.get(f"/events?limit=2{query}" + (f"&after={at}" if at else ""))
        found += numbers(answer)
        at = answer.get_json()["next"]
        if at is None:
            return found


@pytest.mark.usefixtures("banks")
class TestEvents:
    def test_an_event_is_what_its_webhook_says(self, api: Any) -> None:
        happen(1)
        event = db.session.query(Event).one()

        (item,) = api.get("/events").get_json()["items"]

        assert item == {
            "id": event.id,
            "type": "payment.succeeded",
            "timestamp": event.created_at.isoformat(),
            "data": {"number": 1},
        }
        assert api.get(f"/events/{event.id}").get_json() == item

    def test_they_come_in_pages_the_oldest_first(self, api: Any) -> None:
        happen(1, 2, 3, 4, 5)
        first = api.get("/events?limit=2").get_json()

        assert page_through(api) == [1, 2, 3, 4, 5]
        assert first["next"] == first["items"][-1]["id"]
        assert page_through(api, after=first["items"][0]["id"]) == [2, 3, 4, 5]
        assert numbers(api.get("/events?limit=5")) == [1, 2, 3, 4, 5]
        assert api.get("/events?limit=5").get_json()["next"] is None

    def test_or_the_newest_first(self, api: Any) -> None:
        happen(1, 2, 3, 4, 5)

        assert page_through(api, "&order=newest") == [5, 4, 3, 2, 1]

    def test_or_of_one_type_only(self, api: Any) -> None:
        happen(1, 2)
        happen(3, kind="payout.failed")
        happen(4)

        assert page_through(api, "&type=payment.succeeded") == [1, 2, 4]
        assert page_through(api, "&type=payout.failed&order=newest") == [3]
        assert page_through(api, "&type=payout.succeeded") == []

    def test_others_events_are_not_there(self, api: Any, other_client: str) -> None:
        happen(1, client=other_client)
        theirs = db.session.query(Event).one().id
        happen(2)

        assert page_through(api) == [2]
        assert api.get(f"/events/{theirs}").status_code == 404
        refused = api.get(f"/events?after={theirs}")
        assert refused.status_code == 422
        assert refused.get_json()["error"]["code"] == "invalid_after"

    def test_a_worker_gives_places_too_some_at_a_time(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "AT_ONCE", 2)
        happen(1, 2, 3)

        assert [service.place() for _ in range(3)] == [2, 1, 0]
        placed = db.session.query(Event).order_by(Event.place).all()
        assert [(event.place, event.data["number"]) for event in placed] == [(1, 1), (2, 2), (3, 3)]


@pytest.mark.commits
def test_what_commits_late_is_not_missed(
    committed_banks: Committed, api: Any, bank_app: Flask
) -> None:
    written, go_on = Flag(), Flag()

    def slowly() -> None:
        with bank_app.app_context(), transaction():
            announce("wallet", "payment.succeeded", {"number": 1})
            db.session.flush()
            written.set()
            go_on.wait(10)

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(slowly)
        assert written.wait(10)
        happen(2)
        seen = api.get("/events").get_json()
        go_on.set()
        slow.result()

    (known,) = seen["items"]
    assert known["data"]["number"] == 2
    times = dict(
        db.session.execute(text("SELECT data->>'number', created_at FROM bank.event")).all()
    )
    assert times["1"] < times["2"]
    assert page_through(api, after=known["id"]) == [1]


@pytest.mark.commits
def test_a_poller_meets_each_of_many_at_once_exactly_once(
    committed_banks: Committed, api: Any, bank_app: Flask
) -> None:
    over = Flag()

    def write(writer: int) -> None:
        dice = random.Random(writer)  # noqa: S311
        for turn in range(12):
            with bank_app.app_context():
                with transaction():
                    announce("wallet", "payment.succeeded", {"number": writer * 100 + turn})
                    db.session.execute(text("SELECT pg_sleep(:s)"), {"s": dice.random() / 100})
                db.session.remove()

    def poll() -> list[int]:
        found, at, last = [], "", False
        while True:
            answer = api.get("/events?limit=5" + (f"&after={at}" if at else ""))
            found += numbers(answer)
            if items := answer.get_json()["items"]:
                at = items[-1]["id"]
            elif last:
                return found
            last = over.is_set()

    with ThreadPoolExecutor(7) as pool:
        met = pool.submit(poll)
        writers = [pool.submit(write, writer) for writer in range(6)]
        for each in writers:
            each.result()
        over.set()
        found = met.result()

    assert sorted(found) == sorted(w * 100 + turn for w in range(6) for turn in range(12))


@pytest.fixture
def pay(api: Any, customer: Any, approval: Any) -> Callable[[int], str]:
    """``pay(n)``: let Asha pay so many rupees; the payment's id."""
    browser = customer()

    def once(amount: int) -> str:
        asked = api.ask(amount=amount * 100)
        assert browser.submit(f"{asked['path']}/approve", **approval()).status_code == 303
        (payment,) = api.get(f"/payments?reference={asked['reference']}").get_json()["items"]
        return payment["id"]

    return once


def walk(api: Any, path: str) -> list[Any]:
    """The amounts on a list, read two at a time."""
    answer = api.get(f"{path}?limit=2").get_json()
    found = answer["items"]
    while answer["next"]:
        answer = api.get(f"{path}?limit=2&after={answer['next']}").get_json()
        found += answer["items"]
    return [each["amount"] for each in found]


@pytest.mark.usefixtures("banks")
def test_every_list_comes_in_pages_the_newest_first(
    api: Any, pay: Callable[[int], str], other_client: str
) -> None:
    payments = [pay(amount) for amount in (10, 11, 12)]
    for amount in (1_00, 2_00, 3_00):
        given = {"amount": amount, "reason": ""}
        assert api.post(f"/payments/{payments[0]}/refunds", given).status_code == 201
        order = {
            "amount": amount,
            "currency": "INR",
            "bank": "SBB",
            "ifsc": "SBBB0000181",
            "account_number": "018100004471",
            "holder": "Asha",
            "reference": f"out-{amount}",
        }
        assert api.post("/payouts", order).status_code == 201

    assert walk(api, "/payments") == [12_00, 11_00, 10_00]
    assert walk(api, f"/payments/{payments[0]}/refunds") == [3_00, 2_00, 1_00]
    assert walk(api, "/payouts") == [3_00, 2_00, 1_00]
    assert walk(api, f"/payments/{payments[1]}/refunds") == []
    lines = api.get("/settlement/entries?bank=SBB&limit=4").get_json()
    assert (len(lines["items"]), lines["next"]) == (4, "4")
    rest = api.get("/settlement/entries?bank=SBB&limit=4&after=4").get_json()
    assert (len(rest["items"]), rest["next"]) == (2, None)


@pytest.mark.usefixtures("banks")
def test_a_cursor_of_another_list_is_refused(api: Any, pay: Callable[[int], str]) -> None:
    refused = api.get(f"/payouts?after={pay(10)}")

    assert refused.status_code == 422
    error = refused.get_json()["error"]
    assert (error["code"], error["field"]) == ("invalid_after", "after")
