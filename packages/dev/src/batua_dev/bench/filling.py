"""Who and what is there to measure with: people, a shop, and orders that wait for a PIN."""

from dataclasses import dataclass
from uuid import UUID

import psycopg
from flask import Flask

from batua_db import credentials
from batua_db.database import db
from batua_dev.client import fresh_client

from .history import sign_in, write
from .pgbench import FIRST, ID, PEOPLE, SHOP, TABLES
from .servers import Servers
from .wire import Visitor

PIN = "246810"
PERSON = """
INSERT INTO ledger.account (id, book, kind, owner) VALUES (%(id)s, 'wallet', 'person', %(id)s);
INSERT INTO wallet."user" (id, account_id, name, phone, password_hash, pin_hash, tier)
    VALUES (%(id)s, %(id)s, 'Bench', %(phone)s, 'x', %(pin)s, 'full');
SELECT ledger.move(1000000, %(bank)s, %(id)s, 'topup', 'bench:' || %(id)s);
"""
STALL = """
INSERT INTO ledger.account (id, book, kind, owner, hot)
    VALUES (%(id)s, 'wallet', 'merchant', %(owner)s, true);
INSERT INTO wallet.merchant (id, user_id, account_id, business_name, category, state, reason,
    fee_bps, settle_nightly) VALUES (%(id)s, %(owner)s, %(id)s, 'A shop', 'tea', 'approved', '',
    100, true);
"""
SENDS = """
INSERT INTO wallet.send_order (id, sender_id, payee_id, amount, note)
SELECT gen_random_uuid(), %(ids)s[1 + n %% %(count)s],
    %(ids)s[1 + (n + 1 + floor(random() * (%(count)s - 1))::int) %% %(count)s], 1, 'bench'
FROM generate_series(0, %(size)s - 1) n RETURNING id, sender_id
"""
PAYMENTS = """
INSERT INTO wallet.payment (id, payer_id, merchant_id, amount, note, refunded)
SELECT gen_random_uuid(), %(ids)s[1 + n %% %(count)s], %(shop)s, 1, '', 0
FROM generate_series(0, %(size)s - 1) n RETURNING id, payer_id
"""


@dataclass(frozen=True, slots=True)
class Filled:
    """Who is there, each with a browser that is signed in."""

    people: dict[UUID, Visitor]
    pasts: dict[int, Visitor]  # by the number of their entries

    def orders(self, owner: str, query: str, size: int) -> list[tuple[UUID, Visitor]]:
        """So many orders that wait for the PIN of their sender."""
        values = {"ids": list(self.people), "count": PEOPLE, "size": size, "shop": UUID(SHOP)}
        with psycopg.connect(owner, autocommit=True) as connection:
            rows = connection.execute(query.encode(), values).fetchall()
        return [(order, self.people[whose]) for order, whose in rows]


def fill(servers: Servers, sizes: list[int]) -> Filled:
    """Write everything, as the tables' owner, and sign everybody in."""
    from batua_user import create_app

    app = create_app(servers.settings)
    people = [UUID(f"{ID}{n}") for n in range(FIRST, FIRST + PEOPLE)]
    with app.app_context(), psycopg.connect(servers.owner) as owner:
        _write_people(owner, people, credentials.hash_pin(PIN))
        owner.execute(TABLES.encode())
        pasts = [write(owner, size) for size in sizes]
        owner.commit()
        owner.autocommit = True
        owner.execute("VACUUM ANALYZE")
        visitors = [_visitor(app, servers.port, person) for person in (*people, *pasts)]
        db.session.remove()
        db.engine.dispose()
    count = len(people)
    return Filled(
        dict(zip(people, visitors[:count], strict=True)),
        dict(zip(sizes, visitors[count:], strict=True)),
    )


def _write_people(owner: psycopg.Connection, people: list[UUID], pin: str) -> None:
    opened = owner.execute("SELECT ledger.open_account('wallet', 'float:SBB', NULL, NULL)")
    bank = opened.fetchone()
    with psycopg.ClientCursor(owner) as cursor:
        for n, id_ in enumerate(people):
            values = {"id": id_, "phone": f"+9198450{n:05}", "pin": pin, "bank": bank and bank[0]}
            cursor.execute(PERSON, values)
        # Somebody who pays nobody, since nobody pays themselves.
        keeper = {"id": UUID(f"{ID}0998"), "phone": "+919845099999", "pin": pin}
        cursor.execute(PERSON, {**keeper, "bank": bank and bank[0]})
        cursor.execute(STALL, {"id": UUID(SHOP), "owner": keeper["id"]})


def _visitor(app: Flask, port: int, person: UUID) -> Visitor:
    cookie = sign_in(fresh_client(app), person).get_cookie("batua_user")
    if cookie is None:
        raise LookupError(person)
    return Visitor.arriving(port, cookie.value)
