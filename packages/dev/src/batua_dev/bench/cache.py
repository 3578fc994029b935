"""What reading from PostgreSQL costs, and what it would cost from Redis.

``just bench cache`` starts servers of its own, fills them, reads the same
values in both ways in turn, and prints medians and the processor's time for each. The
second way is the best there can be: the value is there, in one GET, as JSON.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from uuid import UUID, uuid4

import psycopg
from redis import Redis
from sqlalchemy import exists, select, text

from batua_config import redis as redis_client
from batua_db.database import db
from batua_db.models.wallet import SendOrder, User
from batua_dev import testrun
from batua_dev.scratch import Scratch, inside

from .history import only, person, quiet, settings, write
from .measuring import cpu

PEOPLE, BANKS = 100_000, (2, 30)

CROWD = (
    'INSERT INTO wallet."user" (id, account_id, name, phone, password_hash, tier)'
    " SELECT gen_random_uuid(), gen_random_uuid(), 'Person ' || n, '+9190' || lpad(n::text, 8,"
    " '0'), 'x', 'full' FROM generate_series(1, %(size)s) n"
)
SHOP = (
    "INSERT INTO wallet.merchant (id, user_id, account_id, business_name, category, state, reason,"
    " fee_bps, settle_nightly) SELECT %(id)s, %(owner)s, gen_random_uuid(), 'A shop', 'food',"
    " 'approved', '', 100, true RETURNING id"
)
SALES = (
    "INSERT INTO wallet.payment (id, payer_id, merchant_id, amount, note, transfer_id, paid_at,"
    " refunded) SELECT gen_random_uuid(), %(owner)s, %(shop)s, 1000 + n %% 50000, '',"
    " gen_random_uuid(), now() - n * (interval '30 days' / %(size)s), 0"
    " FROM generate_series(1, %(size)s) n"
)
BANK = (
    "INSERT INTO wallet.bank (code, name, ifsc_prefix, float_account)"
    " SELECT 'B' || n, 'Bank number ' || n, 'BANK0', gen_random_uuid()"
    " FROM generate_series(%(first)s::int, %(size)s::int) n ON CONFLICT DO NOTHING"
)
TAKINGS = text(
    "SELECT (paid_at AT TIME ZONE 'Asia/Kolkata')::date AS day, sum(amount)::bigint, count(*)"
    " FROM wallet.payment WHERE merchant_id = :shop AND paid_at >= now() - interval '30 days'"
    " GROUP BY day ORDER BY day"
)
TODAY = text(
    "SELECT sum(amount)::bigint, count(*) FROM wallet.payment WHERE merchant_id = :shop"
    " AND paid_at >= date_trunc('day', now(), 'Asia/Kolkata')"
)
SPENT = text(
    "SELECT t.kind, sum(-e.amount)::bigint FROM ledger.entry e JOIN ledger.transfer t"
    " ON t.id = e.transfer_id WHERE e.account_id = :account AND e.version > :before"
    " AND e.amount < 0 GROUP BY t.kind"
)


@dataclass(frozen=True)
class Way:
    """A way to read a value, and the process of the server that answers."""

    read: Callable[[], object]
    server: int


@dataclass(frozen=True)
class Filled:
    """What there is to read."""

    shop: UUID
    owner: UUID
    payments: int
    entries: int


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--payments", type=int, default=1_000_000)
    parser.add_argument("--entries", type=int, default=1_000_000)
    options = parser.parse_args()
    quiet()
    run = testrun.Run({})
    try:
        measure(run.scratch, options)
    finally:
        run.close()


def measure(scratch: Scratch, options: argparse.Namespace) -> None:
    """Read each value in both ways."""
    from batua_user import create_app

    name = scratch.template
    with psycopg.connect(inside(scratch.owner, name)) as owner:
        filled = fill(owner, options.payments, options.entries)
    own = settings(inside(scratch.app, name), scratch.redis_url(0))
    print(f"{'':36}{'PostgreSQL':>18}{'Redis':>18}{'times':>14}")
    print(f"{'milliseconds':36}" + f"{'p50':>9}{'CPU':>9}" * 2 + f"{'p50':>7}{'CPU':>7}")
    with create_app(own).app_context(), redis_client.connect(own) as redis:
        db.session.execute(text("SET statement_timeout = 0"))  # the figure is what is wanted
        db.session.commit()
        for title, read, times in cases(owner_url=inside(scratch.owner, name), filled=filled):
            report(title, *in_turn(read, redis, max(10, options.rounds // times)))


def fill(owner: psycopg.Connection, payments: int, entries: int) -> Filled:
    """People, and a shop that sells a lot."""
    keeper, _ = person(owner, "Keeper")
    shop = only(owner, SHOP, {"id": uuid4(), "owner": keeper})
    owner.execute(CROWD, {"size": PEOPLE})
    with psycopg.ClientCursor(owner) as cursor:
        cursor.execute(SALES, {"owner": keeper, "shop": shop, "size": payments})
    owner.commit()
    analyse(owner)
    return Filled(shop, keeper, payments, entries)


def analyse(owner: psycopg.Connection) -> None:
    """Let PostgreSQL know what it has, as it does by itself after a while."""
    owner.commit()
    owner.autocommit = True
    owner.execute("VACUUM ANALYZE")


def cases(owner_url: str, filled: Filled) -> Iterator[tuple[str, Callable[[], object], int]]:
    """Each value: its title, how the pages read it, and how much less often to do so."""
    from batua_user.topups.queries import banks

    for size in BANKS:
        with psycopg.connect(owner_url, autocommit=True) as owner:
            owner.execute(BANK, {"first": size // 30, "size": size - 1})
        yield f"{size} banks", lambda: [(bank.code, bank.name) for bank in banks()], 1
    yield f"whose number, of {PEOPLE:,}", lambda: payee(filled.owner), 1
    yield f"takings of 30 days, {filled.payments:,}", lambda: rows(TAKINGS, shop=filled.shop), 15
    yield "takings of today alone", lambda: rows(TODAY, shop=filled.shop), 3
    with psycopg.connect(owner_url) as owner:
        much = write(owner, filled.entries)
        analyse(owner)
    yield f"spent this month, of {filled.entries:,}", lambda: spent(much), 10


def payee(sender: UUID) -> list[object]:
    """Whose number it is, as sending asks."""
    before = exists().where(SendOrder.sender_id == sender, SendOrder.payee_id == User.id)
    found = db.session.execute(select(User.id, before).where(User.phone == "+919000050000")).one()
    return [str(found[0]), found[1]]


def spent(person_id: UUID) -> list[object]:
    """What somebody spent in the last 30 days, by kind."""
    from batua_user.activity.queries import before
    from batua_user.limits.periods import today

    account = db.session.get_one(User, person_id).account_id
    low = before(account, today() - timedelta(days=30))
    return rows(SPENT, account=account, before=low)


def rows(query: object, **values: object) -> list[object]:
    """Rows, as JSON could hold them."""
    found = db.session.execute(query, values)  # pyright: ignore[reportCallIssue,reportArgumentType]
    return [[str(each) for each in row] for row in found]


def in_turn(
    read: Callable[[], object], redis: Redis, rounds: int
) -> list[tuple[list[float], float]]:
    """For each way the milliseconds of every read, and the processor's for one."""

    def from_postgres() -> object:
        try:
            return read()
        finally:
            db.session.rollback()
            db.session.expunge_all()

    redis.set("bench", json.dumps(from_postgres()))
    ways = [
        Way(from_postgres, int(db.session.scalar(text("SELECT pg_backend_pid()")) or 0)),
        Way(lambda: json.loads(redis.get("bench") or b""), int(redis.info()["process_id"])),  # pyright: ignore
    ]
    db.session.rollback()
    took: list[list[float]] = [[] for _ in ways]
    busy = [0.0 for _ in ways]
    for _ in range(rounds):
        for n, way in enumerate(ways):
            served, used = cpu(way.server), time.process_time()
            began = time.perf_counter()
            way.read()
            took[n].append((time.perf_counter() - began) * 1000)
            busy[n] += (time.process_time() - used) * 1000 + (cpu(way.server) - served) * 1000
    return [(times, total / rounds) for times, total in zip(took, busy, strict=True)]


def report(title: str, *ways: tuple[list[float], float]) -> None:
    """A line: median and processor time of both ways, and how many times the second's."""
    (one, one_busy), (two, two_busy) = ways
    p50 = median(one), median(two)
    line = "".join(
        f"{p:>9.2f}{busy:>9.2f}" for p, busy in zip(p50, (one_busy, two_busy), strict=True)
    )
    print(f"{title:36}{line}{p50[0] / p50[1]:>7.1f}{one_busy / max(two_busy, 0.001):>7.1f}")
