"""Day totals, cached: always what PostgreSQL says, whatever becomes of Redis."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from flask import Flask, current_app
from redis import Redis
from sqlalchemy import update

from batua_config.redis import connect
from batua_config.settings import Settings
from batua_db.database import db, transaction
from batua_db.models.payments import Merchant, Payment
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_ui.filters import INDIA
from batua_user import day_totals
from batua_user.cache import EXTENSION, Cache, Key
from batua_user.limits.periods import today

from .helpers import MakeUser, statements

pytestmark = pytest.mark.usefixtures("session", "cache")
Pay = Callable[..., UUID]


@pytest.fixture
def shop(make_user: MakeUser) -> UUID:
    return open_shop(make_user())


def open_shop(owner: User) -> UUID:
    id_ = uuid4()
    with transaction():
        db.session.add(
            Merchant(
                id=id_,
                user_id=owner.id,
                account_id=uuid4(),
                business_name="A shop",
                category="food",
                state="approved",
            )
        )
    return id_


@pytest.fixture
def pay(make_user: MakeUser) -> Pay:
    payer = make_user("Ravi Kumar")

    def pay(shop: UUID, rupees: int, days_ago: int) -> UUID:
        at = datetime.combine(today() - timedelta(days=days_ago), time(12), INDIA)
        payment = Payment(
            id=uuid4(),
            payer_id=payer.id,
            merchant_id=shop,
            amount=Money(rupees * 100),
            transfer_id=uuid4(),
            paid_at=at,
        )
        with transaction():
            db.session.add(payment)
        return payment.id

    return pay


def refund(payment: UUID, rupees: int) -> None:
    with transaction():
        one = update(Payment).where(Payment.id == payment)
        db.session.execute(one.values(refunded=Payment.refunded + Money(rupees * 100)))


def totals(shop: UUID, days: int = 30) -> list[tuple[int, int, int]]:
    """Days ago, rupees, payments."""
    found = day_totals.of_merchant(shop, days=days)
    return [((today() - day).days, amount.paise // 100, n) for day, amount, n in found]


def test_days_are_summed_and_today_is_always_counted(shop: UUID, pay: Pay) -> None:
    for rupees, days_ago in ((100, 3), (50, 3), (70, 1), (900, 30)):
        pay(shop, rupees, days_ago)
    assert totals(shop) == [(3, 150, 2), (1, 70, 1)]

    pay(shop, 10, 0)
    assert totals(shop) == [(3, 150, 2), (1, 70, 1), (0, 10, 1)]
    pay(shop, 5, 0)
    assert totals(shop) == [(3, 150, 2), (1, 70, 1), (0, 15, 2)]
    assert totals(shop, days=2) == [(1, 70, 1), (0, 15, 2)]
    assert totals(shop, days=1) == [(0, 15, 2)]


def test_days_that_are_over_are_read_once(shop: UUID, pay: Pay, redis: Redis) -> None:
    pay(shop, 100, 3)
    with statements() as first:
        totals(shop)
    with statements() as second:
        assert totals(shop) == [(3, 100, 1)]

    assert (len(first), len(second)) == (2, 1)
    (key,) = redis.keys()
    assert str(shop) in str(key)
    assert 0 < redis.ttl(key) <= 600


def test_what_is_given_back_is_seen_at_once(shop: UUID, pay: Pay) -> None:
    payment = pay(shop, 100, 3)
    totals(shop)

    refund(payment, 30)
    day_totals.changed(shop)

    assert totals(shop) == [(3, 70, 1)]
    assert totals(shop) == [(3, 70, 1)]


def test_what_was_read_before_a_refund_is_not_kept_after_it(
    shop: UUID, pay: Pay, cache: Cache
) -> None:
    """A page that reads while something is given back must not bring the old sum back."""
    payment = pay(shop, 100, 3)

    def slowly() -> int:
        refund(payment, 30)
        day_totals.changed(shop)
        return 100

    assert cache.read(Key("day-totals", shop), slowly, lives=timedelta(minutes=1)) == 100
    assert cache.read(Key("day-totals", shop), lambda: 70, lives=timedelta(minutes=1)) == 70


def test_two_shops_never_meet(shop: UUID, pay: Pay, make_user: MakeUser) -> None:
    other = open_shop(make_user())
    pay(shop, 100, 2)
    pay(other, 7, 2)
    for _ in range(2):
        assert totals(shop) == [(2, 100, 1)]
        assert totals(other) == [(2, 7, 1)]
    day_totals.changed(shop)
    assert totals(other) == [(2, 7, 1)]


@pytest.mark.parametrize("at", range(4))
def test_a_flush_at_any_step_changes_nothing(shop: UUID, pay: Pay, redis: Redis, at: int) -> None:
    payment = pay(shop, 100, 3)
    steps: list[Callable[[], object]] = [
        lambda: totals(shop),
        lambda: refund(payment, 30),
        lambda: day_totals.changed(shop),
        lambda: totals(shop),
    ]
    for number, step in enumerate(steps):
        step()
        if number == at:
            redis.flushdb()

    assert totals(shop) == [(3, 70, 1)]


@pytest.mark.parametrize("kept", [b"", b"x", b"[]", b"7", b'["other", []]', b"\xff", b'{"a": 1}'])
def test_what_cannot_be_read_is_computed(shop: UUID, pay: Pay, redis: Redis, kept: bytes) -> None:
    pay(shop, 100, 3)
    totals(shop)
    (key,) = redis.keys()
    redis.set(key, kept)

    assert totals(shop) == [(3, 100, 1)]


def test_without_redis_it_is_computed_and_redis_left_alone_for_a_while(
    shop: UUID, pay: Pay, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pydantic import SecretStr

    gone = settings.model_copy(update={"REDIS_URL": SecretStr("redis://127.0.0.1:9/0")})
    asked: list[object] = []
    with connect(gone) as redis:
        mget = redis.mget
        monkeypatch.setattr(redis, "mget", lambda *keys: asked.append(keys) or mget(*keys))
        monkeypatch.setitem(current_app.extensions, EXTENSION, Cache(redis))
        payment = pay(shop, 100, 3)
        assert totals(shop) == [(3, 100, 1)]
        refund(payment, 30)
        day_totals.changed(shop)
        assert totals(shop) == [(3, 70, 1)]

    assert len(asked) == 1


def test_yesterday_is_open_until_a_minute_after_midnight(shop: UUID, pay: Pay) -> None:
    with time_machine.travel(datetime(2026, 5, 2, 0, 0, 30, tzinfo=INDIA), tick=False):
        pay(shop, 100, 1)
        assert totals(shop) == [(1, 100, 1)]
        pay(shop, 20, 1)  # was paid before midnight, and is committed now
        assert totals(shop) == [(1, 120, 2)]
        assert day_totals._first_open() == date(2026, 5, 1)
    with time_machine.travel(datetime(2026, 5, 2, 0, 1, 1, tzinfo=INDIA), tick=False):
        assert day_totals._first_open() == date(2026, 5, 2)
        assert totals(shop) == [(1, 120, 2)]


def test_the_wallet_has_a_cache(user_app: Flask) -> None:
    assert isinstance(user_app.extensions[EXTENSION], Cache)
