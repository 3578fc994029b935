"""Deliveries are asked for again: one, or those of a stretch of time, never to a shut door."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from batua_bank.clients import deliveries, endpoints, keys, replay, service
from batua_bank.clients.replay import Disabled, Stretch
from batua_bank.outbox import TYPES, announce
from batua_bank.webhooks.service import deliver_due
from batua_db.database import db, transaction
from batua_db.errors import NotFound, Refused
from batua_db.models.clients import Client, Endpoint
from batua_db.models.outbox import Delivery, Dispatch, Event

pytestmark = pytest.mark.usefixtures("session")
PAID, FAILED = "payment.succeeded", "payout.failed"


@pytest.fixture(autouse=True)
def inside(bank_app: Flask, banks: None) -> Any:
    with bank_app.app_context():
        yield


@pytest.fixture
def shop(inside: None) -> Client:
    with transaction():
        client = service.make("shop", name="Shop", legal_name="Shop LLP", origins=[])
        keys.make(client, id=uuid4(), overlap="day")
    return client


@pytest.fixture
def endpoint(shop: Client, wallet: Any) -> Endpoint:
    """An endpoint of the shop's at the receiver."""
    with transaction():
        return endpoints.add(shop, id=uuid4(), url=f"{wallet.url}/hooks", events=[])


def happen(kind: str = PAID, client: str = "shop") -> str:
    with transaction():
        announce(client, kind, {"id": "p"})
    return db.session.scalars(select(Event.id).order_by(Event.created_at.desc())).all()[0]


def way(event_id: str, endpoint: Endpoint) -> Dispatch:
    return db.session.get_one(Dispatch, (event_id, endpoint.id), populate_existing=True)


def stretch(**changes: Any) -> Stretch:
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    return Stretch(**{"since": now - hour, "until": now + hour, **changes})


def state(event_id: str, endpoint: Endpoint) -> str:
    return deliveries.state_of(way(event_id, endpoint))


def test_what_was_delivered_goes_again_as_it_was(endpoint: Endpoint, wallet: Any) -> None:
    event = happen()
    deliver_due()
    assert state(event, endpoint) == "delivered"
    with transaction():
        replay.one("shop", event, endpoint.id)

    assert state(event, endpoint) == "waiting"
    assert (deliver_due(), deliver_due()) == (1, 0)
    (_, first, one), (_, second, two) = wallet.got
    assert one == two
    assert first["webhook-id"] == second["webhook-id"] == event
    assert state(event, endpoint) == "delivered"
    made = deliveries.attempts(event)[endpoint.id]
    assert [(each.attempt, each.status) for each in made] == [(2, 200), (1, 200)]


def test_what_was_given_up_begins_its_schedule_anew(endpoint: Endpoint, wallet: Any) -> None:
    event = happen()
    with transaction():
        given_up = {"attempts": 10, "attempt_at": None, "dead_at": func.clock_timestamp()}
        db.session.execute(update(Dispatch).values(given_up))
    assert state(event, endpoint) == "given up"
    wallet.will(500)
    with transaction():
        replay.one("shop", event, endpoint.id)
    deliver_due()

    again = way(event, endpoint)
    assert (again.attempts, again.dead_at) == (11, None)
    assert again.attempt_at
    assert again.attempt_at - datetime.now(UTC) < timedelta(seconds=7)
    assert state(event, endpoint) == "retrying"
    told = db.session.query(Delivery).one()
    assert (told.status, told.answer) == (500, "x" * 1024)


def test_a_stretch_goes_again_by_time_type_endpoint_and_outcome(
    shop: Client, endpoint: Endpoint, wallet: Any
) -> None:
    with transaction():
        other = endpoints.add(shop, id=uuid4(), url=f"{wallet.url}/two", events=[FAILED])
    good, bad = happen(), happen(FAILED)
    old = happen()
    with transaction():
        db.session.execute(update(Dispatch).values(attempts=1, attempt_at=None))
        delivered = Dispatch.event_id != bad
        now = func.clock_timestamp()
        db.session.execute(update(Dispatch).where(delivered).values(delivered_at=now))
        db.session.execute(update(Dispatch).where(~delivered).values(dead_at=now))
        day_ago = Event.created_at - timedelta(days=1)
        db.session.execute(update(Event).where(Event.id == old).values(created_at=day_ago))

    def count(**changes: Any) -> int:
        done = replay.many("shop", stretch(**changes))
        db.session.rollback()
        return done

    assert count() == 2  # the failed one, to both
    assert count(endpoint_id=other.id) == 1
    assert count(type=PAID) == 0
    assert count(type=PAID, only_failed=False) == 1
    assert count(only_failed=False) == 3
    assert count(only_failed=False, since=datetime.now(UTC) - timedelta(days=2)) == 4
    assert good


def test_too_many_at_once_are_refused(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "MOST", 1)
    happen()
    happen()

    with pytest.raises(Refused, match="2 deliveries"):
        replay.many("shop", stretch(only_failed=False))


def test_nothing_goes_to_an_endpoint_that_is_disabled(
    shop: Client, endpoint: Endpoint, wallet: Any
) -> None:
    event = happen()
    with transaction():
        endpoints.disable(endpoint)

    assert deliver_due() == 0
    assert state(event, endpoint) == "given up"
    with pytest.raises(Disabled):
        replay.one("shop", event, endpoint.id)
    with pytest.raises(Disabled):
        replay.many("shop", stretch(endpoint_id=endpoint.id))
    assert replay.many("shop", stretch(only_failed=False)) == 0
    with transaction():
        endpoints.enable(shop, endpoint)
        assert replay.many("shop", stretch()) == 1
    assert (deliver_due(), len(wallet.got)) == (1, 1)


def test_a_client_that_is_closed_hears_nothing_more(
    shop: Client, endpoint: Endpoint, wallet: Any
) -> None:
    happen()
    with transaction():
        service.close(shop)
    happen()

    assert deliver_due() == 0
    assert wallet.got == []


def test_a_client_without_a_key_stops_nobodys_deliveries(wallet: Any) -> None:
    with transaction():
        bare = service.make("bare", name="Bare", legal_name="Bare LLP", origins=[])
        endpoints.add(bare, id=uuid4(), url=f"{wallet.url}/bare", events=[])
    happen(client="bare")
    happen(client="wallet")
    deliver_due()

    assert [path for path, *_ in wallet.got] == ["/webhooks/bank"]
    assert db.session.scalars(select(Delivery.error).where(Delivery.error != "")).all() == ["NoKey"]


@pytest.mark.parametrize("theirs", [UUID(int=0), None])
def test_what_is_anothers_is_not_there(
    endpoint: Endpoint, other_client: str, theirs: UUID | None
) -> None:
    event = happen()

    with pytest.raises(NotFound):
        replay.one(other_client, event, theirs or endpoint.id)
    with pytest.raises(NotFound):
        deliveries.find(other_client, event)
    assert replay.many(other_client, stretch(only_failed=False)) == 0
    assert deliveries.page(other_client, deliveries.Asked()).told == []


def test_an_endpoint_hears_of_what_it_chose(shop: Client, wallet: Any) -> None:
    chosen = {"a": [PAID], "b": [], "c": list(TYPES)}
    with transaction():
        for name, events in chosen.items():
            endpoints.add(shop, id=uuid4(), url=f"{wallet.url}/{name}", events=events)
    happen(FAILED)
    deliver_due()

    assert sorted(path for path, *_ in wallet.got) == ["/b", "/c"]
    assert [each.events for each in endpoints.of("shop")] == [[PAID], [], []]


def test_there_are_ten_endpoints_at_most_and_no_unknown_types(shop: Client, wallet: Any) -> None:
    with pytest.raises(Refused, match="no such events"):
        endpoints.add(shop, id=uuid4(), url=wallet.url, events=["ping"])
    for _ in range(10):
        endpoints.add(shop, id=uuid4(), url=wallet.url, events=[])
    with pytest.raises(Refused, match="at most"):
        endpoints.add(shop, id=uuid4(), url=wallet.url, events=[])


def test_events_are_listed_by_how_they_went(endpoint: Endpoint) -> None:
    first, second = happen(), happen(FAILED)
    with transaction():
        db.session.execute(
            update(Dispatch)
            .where(Dispatch.event_id == second)
            .values(attempts=1, attempt_at=None, dead_at=func.clock_timestamp())
        )

    def found(**asked: Any) -> list[str]:
        page = deliveries.page("shop", deliveries.Asked(**asked))
        return [told.event.id for told in page.told]

    assert found() == [second, first]
    assert found(outcome="failed") == found(type=FAILED) == [second]
    assert found(outcome="delivered") == found(endpoint_id=uuid4()) == []
    page = deliveries.page("shop", deliveries.Asked(), most=1)
    assert page.older == second
    assert found(after=second) == [first]
