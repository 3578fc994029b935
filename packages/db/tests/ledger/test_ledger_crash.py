"""Kill -9 of the whole server under load: what was acknowledged is there, once."""

import time
from threading import Event, Thread
from uuid import uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from batua_dev.system import until

pytestmark = pytest.mark.commits

PAYERS, KILLS, BETWEEN = 6, 3, 80


def test_no_acknowledged_move_is_lost_and_none_is_made_twice(crashing) -> None:
    books, stop = crashing.books, Event()
    people = [books.open(funds=1_000_000) for _ in range(PAYERS)]
    people.append(books.open("merchant", hot=True))
    acknowledged: list[str] = []
    unknown: list[str] = []

    def pay(i: int) -> None:
        while not stop.is_set():
            key = str(uuid4())
            while True:  # the outcome is unknown: the same key again, until there is an answer
                try:
                    books.move(1, people[i], people[i + 1], key=key)
                    acknowledged.append(key)
                    break
                except DBAPIError:
                    unknown.append(key)
                    time.sleep(0.02)

    threads = [Thread(target=pay, args=(i,)) for i in range(PAYERS)]
    for thread in threads:
        thread.start()
    for kill in range(KILLS):
        until(lambda n=kill: len(acknowledged) > (n + 1) * BETWEEN, "nothing moves", seconds=60)
        crashing.kill()
    stop.set()
    for thread in threads:
        thread.join()

    books.fold()
    books.seal()
    rows = books.sql("SELECT key, count(*) AS times FROM ledger.transfer GROUP BY key")
    stored = {row.key: row.times for row in rows}
    assert len(set(unknown)) >= KILLS
    assert [key for key in acknowledged if stored.get(key) != 1] == []
    assert books.faults() == []
