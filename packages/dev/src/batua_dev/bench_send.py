"""How fast money is sent: the wallet's form, against pgbench calling the same function.

``python -m batua_dev.bench_send`` starts a durable server of its own and the wallet as it
runs in production, prepares orders, and lets both take turns, so that a busy machine is
fair to both. Linux only: it reads from ``/proc`` what each side costs.
"""

import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import BinaryIO, NamedTuple
from uuid import UUID

import psycopg
import requests
from flask import Flask
from pydantic import SecretStr

from batua_config.settings import Settings
from batua_db import credentials, migrations
from batua_db.database import db

from . import cluster
from .bench_history import settings as development
from .bench_history import sign_in
from .client import fresh_client
from .postgres import ADMIN, Postgres
from .processes import Family, Member
from .service import free_port
from .testrun import sqlalchemy_url
from .valkey import Valkey

PEOPLE = 64
PIN = "246810"
TICKS = os.sysconf("SC_CLK_TCK")
# What both sides do: a paisa from one to another, under a key of its own.
PGBENCH = rf"""
\set a random(1000, {999 + PEOPLE})
\set b 1000 + (:a - 1000 + random(1, {PEOPLE - 1})) % {PEOPLE}
SELECT outcome, transfer_id, debit_balance, credit_balance, short_by FROM ledger.move(1,
    ('00000000-0000-7000-8000-00000000' || :a::text)::uuid,
    ('00000000-0000-7000-8000-00000000' || :b::text)::uuid,
    'send', 'send:' || gen_random_uuid(), NULL, 'bench', '{{}}', NULL);
"""  # noqa: S608
PERSON = """
INSERT INTO ledger.account (id, book, kind, owner) VALUES (%(id)s, 'wallet', 'person', %(id)s);
INSERT INTO wallet."user" (id, account_id, name, phone, password_hash, pin_hash, tier)
    VALUES (%(id)s, %(id)s, 'Bench', %(phone)s, 'x', %(pin)s, 'full');
SELECT ledger.move(1000000, %(bank)s, %(id)s, 'topup', 'bench:' || %(id)s);
"""
ORDERS = """
INSERT INTO wallet.send_order (id, sender_id, payee_id, amount, note)
SELECT gen_random_uuid(), %(ids)s[1 + n %% %(count)s],
    %(ids)s[1 + (n + 1 + floor(random() * (%(count)s - 1))::int) %% %(count)s], 1, 'bench'
FROM generate_series(0, %(size)s - 1) n RETURNING id, sender_id
"""


class Turn(NamedTuple):
    """What one side did: how much a second, and for how many ms of CPU each."""

    rate: float
    python: float
    postgres: float


class Bench(NamedTuple):
    """What takes part."""

    postgres: Postgres
    wallet: Member
    port: int
    cookies: dict[UUID, tuple[str, str]]  # cookie and form token of each person
    clients: int


def main() -> None:
    """Measure, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="of pgbench, in each round")
    parser.add_argument("--posts", type=int, default=240, help="of the form, in each round")
    options = parser.parse_args()
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="batua-bench-") as folder:
        Path(folder).chmod(0o755)  # for the unprivileged user the servers may run as
        bench = prepare(stack, Path(folder), options.clients)
        post(bench, options.clients * 4)  # each thread has met each statement
        turns = [
            (pgbench(bench, options.seconds), post(bench, options.posts))
            for _ in range(options.rounds)
        ]
    report([pg for pg, _ in turns], [form for _, form in turns])


def prepare(stack: ExitStack, folder: Path, clients: int) -> Bench:
    """Start the servers, fill the database, start the wallet and sign everybody in."""
    family = Family()
    stack.callback(family.close)
    postgres, valkey = Postgres(family, folder), Valkey(family, folder, throwaway=True)
    for service in (postgres, valkey):
        service.start()
    for service in (postgres, valkey):
        service.wait()
    postgres.prepare(cluster.DATABASES)
    migrations.upgrade(sqlalchemy_url(postgres.url(cluster.OWNER, "batua_user")))
    (folder / "move.sql").write_text(PGBENCH)
    port = free_port()
    told = development(postgres.url(cluster.APP, "batua_user"), valkey.url)
    told = told.model_copy(update={"USER_PORT": port})
    people = write_people(postgres, told)
    cookies = signed_in(told, people)
    wallet = start_wallet(family, told, folder)
    browsers = [form_token(port, cookie) for cookie in cookies]
    return Bench(postgres, wallet, port, dict(zip(people, browsers, strict=True)), clients)


def write_people(postgres: Postgres, told: Settings) -> list[UUID]:
    """People with money and one PIN."""
    from batua_user import create_app

    with create_app(told).app_context():
        pin = credentials.hash_pin(PIN)
        db.engine.dispose()
    people = [UUID(f"00000000-0000-7000-8000-00000000{n}") for n in range(1000, 1000 + PEOPLE)]
    with psycopg.connect(postgres.url(cluster.OWNER, "batua_user")) as owner:
        opened = owner.execute("SELECT ledger.open_account('wallet', 'float:SBB', NULL, NULL)")
        bank = opened.fetchone()
        for n, id_ in enumerate(people):
            values = {"id": id_, "phone": f"+9198450{n:05}", "pin": pin, "bank": bank and bank[0]}
            with psycopg.ClientCursor(owner) as cursor:
                cursor.execute(PERSON, values)
    return people


def signed_in(told: Settings, people: list[UUID]) -> list[str]:
    """The cookie of each person."""
    from batua_user import create_app

    app = create_app(told)
    with app.app_context():
        found = [cookie_of(app, person) for person in people]
        db.session.remove()
        db.engine.dispose()
    return found


def cookie_of(app: Flask, person: UUID) -> str:
    """The cookie of a browser that is signed in."""
    cookie = sign_in(fresh_client(app), person).get_cookie("batua_user")
    if cookie is None:
        raise LookupError(person)
    return cookie.value


def start_wallet(family: Family, told: Settings, folder: Path) -> Member:
    """The wallet as its image runs it: two processes of four threads."""
    secrets = {n: v.get_secret_value() for n, v in told if isinstance(v, SecretStr)}
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "batua_user.wsgi:app"]
    command += ["--port", str(told.USER_PORT), "--workers", "2", "--blocking-threads", "4"]
    environment = {"PATH": os.environ["PATH"], "APP_ENV": "development", **secrets}
    environment["USER_PORT"] = str(told.USER_PORT)
    with (folder / "wallet.log").open("ab") as log:
        member = family.spawn(
            "wallet", [*command, "--no-ws"], output=log, cwd=folder, env=environment
        )
    until = time.monotonic() + 60
    while True:
        try:
            requests.get(f"http://127.0.0.1:{told.USER_PORT}/healthz", timeout=5)
        except requests.ConnectionError:
            if member.ended() or time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return member


def form_token(port: int, cookie: str) -> tuple[str, str]:
    """The cookie of a browser that was shown a form, and the token of its forms."""
    headers = {"Cookie": f"batua_user={cookie}"}
    page = requests.get(f"http://127.0.0.1:{port}/send", headers=headers, timeout=20)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    if found is None:
        raise LookupError(page.text)
    return page.cookies["batua_user"], found[1]


def pgbench(bench: Bench, seconds: int) -> Turn:
    """Let pgbench call ``ledger.move`` as the app's role."""
    program = bench.postgres.program("pgbench")
    script = bench.postgres.folder / "move.sql"
    command = [program, "-n", "-M", "prepared", "-c", str(bench.clients), "-j", "2"]
    command += ["-T", str(seconds), "-f", script, bench.postgres.url(cluster.APP, "batua_user")]
    return costs(bench, lambda: said_by(command))


def said_by(command: list[str | Path]) -> int:
    """How many transactions pgbench made."""
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"actually processed: (\d+)", done.stdout)
    if found is None or "failed transactions: 0 " not in done.stdout:
        raise AssertionError(done.stdout)
    return int(found[1])


def post(bench: Bench, size: int) -> Turn:
    """Send the PIN's form for so many orders, from all clients at once."""
    values = {"ids": list(bench.cookies), "count": PEOPLE, "size": size}
    with psycopg.connect(bench.postgres.url(ADMIN, "batua_user"), autocommit=True) as owner:
        orders = owner.execute(ORDERS, values).fetchall()
        owner.execute("ANALYZE")
    calls = [request(bench, order, *bench.cookies[sender]) for order, sender in orders]
    shares = [calls[n :: bench.clients] for n in range(bench.clients)]

    def all_of_them() -> int:
        with ThreadPoolExecutor(bench.clients) as pool:
            return sum(pool.map(lambda share: send(bench.port, share), shares))

    return costs(bench, all_of_them)


def request(bench: Bench, order: UUID, cookie: str, token: str) -> bytes:
    """The form of one order, as a browser sends it."""
    body = f"csrf_token={token}&key={order}&pin={PIN}"
    head = (
        f"POST /send/{order} HTTP/1.1\r\nHost: 127.0.0.1:{bench.port}\r\n"
        f"Cookie: batua_user={cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


def send(port: int, calls: list[bytes]) -> int:
    """Make calls one after the other on one connection; each leads to a receipt in the end."""
    with socket.create_connection(("127.0.0.1", port)) as server, server.makefile("rb") as said:
        for call in calls:
            while not receipt(server, said, call):
                pass  # too busy to look at the PIN in time: a browser would come back, too
    return len(calls)


def receipt(server: socket.socket, said: BinaryIO, call: bytes) -> bool:
    """Send a form; False if the wallet asks to come back."""
    server.sendall(call)
    head = b"".join(iter(said.readline, b"\r\n"))
    length = re.search(rb"(?i)content-length: (\d+)", head)
    said.read(int(length[1]) if length else 0)
    if head.startswith(b"HTTP/1.1 503"):
        return False
    if not (head.startswith(b"HTTP/1.1 303") and b"/activity/" in head):
        raise AssertionError(head.decode())
    return True


def costs(bench: Bench, work: Callable[[], int]) -> Turn:
    """Do it, and say how fast, and what it cost each side."""
    sides = (bench.wallet.process.pid, bench.postgres.member and bench.postgres.member.process.pid)
    before, began = [cpu(pid) for pid in sides], time.perf_counter()
    count = work()
    took = time.perf_counter() - began
    python, postgres = (
        (cpu(pid) - spent) * 1000 / count for pid, spent in zip(sides, before, strict=True)
    )
    return Turn(count / took, python, postgres)


def cpu(pid: int | None) -> float:
    """Seconds of CPU of a process and all below it; of those that ended, its own count says."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return 0
    return sum(map(int, fields[11:15])) / TICKS + sum(cpu(int(child)) for child in below)


def report(raw: list[Turn], form: list[Turn]) -> None:
    """The medians, the ratio, and what looking at the PIN takes."""
    print(f"{'':24}{'a second':>10}{'ms Python':>12}{'ms PostgreSQL':>15}")
    for title, turns in (("pgbench", raw), ("the form", form)):
        rate, python, postgres = (median(column) for column in zip(*turns, strict=True))
        print(f"{title:24}{rate:>10.0f}{python:>12.1f}{postgres:>15.2f}")
    ratios = [one.rate / other.rate for one, other in zip(form, raw, strict=True)]
    print(
        f"{'form / pgbench':24}{median(ratios):>10.3f}   of each round: "
        + " ".join(f"{ratio:.3f}" for ratio in ratios)
    )
    pin = argon2()
    share = pin / median(turn.python for turn in form)
    print(f"{'looking at the PIN':24}{'':>10}{pin:>12.1f}   {share:.0%} of the form's Python")


def argon2() -> float:
    """Milliseconds of CPU that one PIN takes."""
    stored = credentials.HASHER.hash(PIN)
    began = time.process_time()
    for _ in range(20):
        credentials.HASHER.verify(stored, PIN)
    return (time.process_time() - began) * 1000 / 20


if __name__ == "__main__":
    main()
