"""How long a history takes to read, for a person with much and for one with little of it.

``just bench history`` starts a server of its own, writes both pasts as the
tables' owner, reads the same pages of both in turn, and prints the medians and their ratio.
"""

import argparse
import base64
import logging
import time
from collections.abc import Callable
from statistics import quantiles
from typing import LiteralString
from uuid import UUID, uuid4

import psycopg
import structlog
from flask import Flask
from pydantic import SecretStr

from batua_config.settings import Settings
from batua_db import sessions
from batua_db.database import db, transaction
from batua_db.models.wallet import Session, User
from batua_dev import testrun
from batua_dev.client import FreshClient, fresh_client
from batua_dev.scratch import Scratch, inside

FRIENDS = 50
PERSON = (
    "WITH a AS (SELECT ledger.open_account('wallet', 'person', %(id)s) AS id)"
    ' INSERT INTO wallet."user" (id, account_id, name, phone, password_hash, tier, created_at)'
    " SELECT %(id)s, a.id, %(name)s, %(phone)s, 'x', 'full', now() - interval '2 years' FROM a"
    " RETURNING account_id"
)
# Money goes to and fro between one person and their friends; both sides have their entries.
PAST = """
CREATE TEMP TABLE past ON COMMIT DROP AS
SELECT n, ledger.uuid7() AS id, (%(friends)s::uuid[])[1 + (n + 1) / 2 %% %(count)s] AS friend,
    CASE n %% 2 WHEN 1 THEN 1 ELSE -1 END * (100 + (n + 1) / 2 %% 5000) AS amount,
    now() - (%(size)s - n) * (interval '700 days' / %(size)s) AS at
FROM generate_series(1, %(size)s) n;
INSERT INTO ledger.transfer (id, book, kind, debit_account, credit_account, amount, key, note,
    created_at, happened_at)
SELECT id, 'wallet', 'send', CASE WHEN amount > 0 THEN friend ELSE %(me)s END,
    CASE WHEN amount > 0 THEN %(me)s ELSE friend END, abs(amount), 'bench:' || id,
    'Number ' || n, at, at FROM past;
INSERT INTO ledger.entry (account_id, version, transfer_id, amount, balance, created_at, book)
SELECT %(me)s, n, id, amount, sum(amount) OVER (ORDER BY n), at, 'wallet' FROM past
UNION ALL
SELECT friend, row_number() OVER w + a.version, past.id, -amount, a.balance - sum(amount) OVER w,
    at, 'wallet' FROM past JOIN ledger.account a ON a.id = friend
    WINDOW w AS (PARTITION BY friend ORDER BY n);
UPDATE ledger.account a SET version = e.version, balance = e.balance
FROM (SELECT DISTINCT ON (account_id) account_id, version, balance FROM ledger.entry
    ORDER BY account_id, version DESC) e
WHERE e.account_id = a.id AND e.version > a.version;
"""


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs=2, default=[10_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args()
    quiet()
    run = testrun.Run({})
    try:
        measure(run.scratch, options.sizes, options.rounds)
    finally:
        run.close()


def quiet() -> None:
    """Let no line about a request stand between the figures."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def measure(scratch: Scratch, sizes: list[int], rounds: int) -> None:
    """Read each kind of page of both people in turn."""
    from batua_user import create_app

    name = scratch.template
    with psycopg.connect(inside(scratch.owner, name)) as owner:
        people = [write(owner, size) for size in sizes]
    with psycopg.connect(inside(scratch.owner, name), autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE")
    app = create_app(settings(inside(scratch.app, name), scratch.redis_url(0)))
    with app.app_context():
        browsers = [sign_in(fresh_client(app), person) for person in people]
    print(f"{'':24}" + "".join(f"{f'{size:,} p50':>16}{'p95':>8}" for size in sizes) + "   ratio")
    for title, query in PAGES.items():
        reads = [
            reader(browser, query(size)) for browser, size in zip(browsers, sizes, strict=True)
        ]
        report(title, in_turn(reads, rounds))
    for title, where in ALONE.items():
        asks = [asker(app, who, where(size)) for who, size in zip(people, sizes, strict=True)]
        report(title, in_turn(asks, rounds))


ALONE: dict[str, Callable[[int], int | None]] = {
    "queries of the first": lambda _: None,
    "queries of half way": lambda size: size // 2,
}
PAGES: dict[str, Callable[[int], str]] = {
    "the first page": lambda _: "",
    "a page half way down": lambda size: f"?after={size // 2}",
    "the last page": lambda _: "?after=31",
    "two days, a year ago": lambda _: "?from=2025-09-01&to=2025-09-02",
    "a search, found": lambda _: "?q=friend",
    "a search, 2,000 lines": lambda _: "?q=nobody",
    "a kind, 2,000 lines": lambda _: "?kind=bill",
}


def asker(app: Flask, user_id: UUID, after: int | None) -> Callable[[], None]:
    """Something that asks for the lines of a page, and draws none."""
    from batua_user.activity import queries

    def ask() -> None:
        with app.app_context():
            queries.history(db.session.get_one(User, user_id), after=after)

    return ask


def write(owner: psycopg.Connection, size: int) -> UUID:
    """Somebody with so many entries, and their friends; returns who."""
    me, account = person(owner, "Much" if size > 10**5 else "Little")
    friends = [person(owner, f"Friend {n}")[1] for n in range(FRIENDS)]
    bank = only(owner, "SELECT ledger.open_account('wallet', 'float:SBB', null, null)", {})
    for friend in friends:
        terms = (10**9, bank, friend, "topup", f"bench:{friend}")
        owner.execute("SELECT ledger.move(%s, %s, %s, %s, %s)", terms)
    values = {"me": account, "friends": friends, "count": FRIENDS, "size": size}
    with psycopg.ClientCursor(owner) as cursor:
        cursor.execute(PAST, values)
    owner.commit()
    return me


def person(owner: psycopg.Connection, name: str) -> tuple[UUID, UUID]:
    """Somebody new: their id, and their account's."""
    id_ = uuid4()
    values = {"id": id_, "name": name, "phone": f"+91{id_.int % 10**10:010}"}
    return id_, only(owner, PERSON, values)


def only(owner: psycopg.Connection, query: LiteralString, values: dict[str, object]) -> UUID:
    """The one id that ``query`` answers with."""
    row = owner.execute(query, values).fetchone()
    if row is None:
        raise LookupError(query)
    return row[0]


def settings(database: str, redis: str) -> Settings:
    """Development settings for a database and a Redis."""
    secret = "bench-secret-" * 3
    return Settings(
        APP_ENV="development",
        DATABASE_URL=SecretStr(database),
        REDIS_URL=SecretStr(redis),
        SECRET_KEY=SecretStr(secret),
        PIN_PEPPER=SecretStr(secret),
        SECRET=SecretStr("whsec_" + base64.b64encode(secret.encode()).decode()),
        FIELD_KEYS=SecretStr(base64.urlsafe_b64encode(secret[:32].encode()).decode()),
    )


def sign_in(browser: FreshClient, user_id: UUID) -> FreshClient:
    """Let a browser be this person's."""
    with transaction():
        token = sessions.begin(Session, user_id, agent="bench", address="127.0.0.1")
    with browser.session_transaction() as cookie:
        cookie["_user_id"] = token
    return browser


def reader(browser: FreshClient, query: str) -> Callable[[], None]:
    """Something that reads a page, and makes sure that it came."""

    def read() -> None:
        answer = browser.get(f"/activity{query}")
        if answer.status_code != 200:
            raise AssertionError(f"{query} answered {answer.status_code}")

    return read


def in_turn(reads: list[Callable[[], None]], rounds: int) -> list[list[float]]:
    """The milliseconds of each, one after the other, so that a busy machine is fair to both."""
    took: list[list[float]] = [[] for _ in reads]
    for _ in range(rounds):
        for read, times in zip(reads, took, strict=True):
            began = time.perf_counter()
            read()
            times.append((time.perf_counter() - began) * 1000)
    return took


def report(title: str, took: list[list[float]]) -> None:
    """A line: medians, 95th percentiles, and how many times the second is the first."""
    cuts = [quantiles(times, n=20) for times in took]
    figures = "".join(f"{cut[9]:>13.1f} ms{cut[18]:>8.1f}" for cut in cuts)
    print(f"{title:24}{figures}{cuts[1][9] / cuts[0][9]:>8.2f}")
