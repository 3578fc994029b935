"""Many at once: one wins, nobody deadlocks, and nothing is made or lost."""

import random
import time
from collections import Counter
from collections.abc import Callable
from threading import Barrier, Event
from uuid import uuid4

import pytest

from batua_db import ledger
from batua_db.database import db
from batua_db.money import Money

pytestmark = pytest.mark.commits


def kinds(results: list[object]) -> Counter[type]:
    return Counter(type(each) for each in results)


def deadlocks(books) -> int:
    """As far as the server has counted by now."""
    query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    return books.sql(query)[0].deadlocks


def test_eight_spenders_of_the_same_money_and_one_wins(books) -> None:
    a, payees = books.open(funds=100), [books.open() for _ in range(8)]

    results = books.together(8, lambda i: books.move(100, a, payees[i]))

    assert kinds(results) == {ledger.Moved: 1, ledger.InsufficientFunds: 7}
    assert books.balance(a) == 0
    assert books.faults() == []


@pytest.mark.parametrize("hot", [False, True])
def test_the_same_key_forty_times_at_once_moves_once(books, hot: bool) -> None:
    a, b, key = books.open(funds=1000), books.open("merchant", hot=hot), str(uuid4())

    results = books.together(40, lambda _: books.move(10, a, b, key=key))

    assert len({each.id for each in results}) == 1
    assert Counter(each.repeated for each in results) == {True: 39, False: 1}
    assert (books.balance(a), books.balance(b)) == (990, 10)


def test_one_key_for_twenty_pairs_of_strangers_moves_once(books) -> None:
    pairs, key = [(books.open(funds=10), books.open()) for _ in range(20)], str(uuid4())

    results = books.together(20, lambda i: books.move(10, *pairs[i], key=key))

    assert kinds(results) == {ledger.Moved: 1, ledger.KeyReused: 19}


@pytest.mark.parametrize("hot", [False, True])
def test_racing_reversals_never_exceed_the_payment(books, hot: bool) -> None:
    a, shop = books.open(funds=1000), books.open("merchant", hot=hot)
    books.move(500, books.float, shop)
    paid = books.move(300, a, shop, kind="pay")
    terms = {"kind": "refund", "reverses": paid.id}

    results = books.together(20, lambda _: books.move(40, shop, a, **terms))

    assert kinds(results) == {ledger.Moved: 7, ledger.OverReversed: 13}
    assert books.move(20, shop, a, **terms).credit_balance == Money(1000)
    assert books.faults() == []


def test_racing_reversals_between_two_hot_accounts_do_not_exceed_it_either(books) -> None:
    """Elsewhere neither leg would take a lock."""
    shop = books.open("merchant", hot=True)
    books.move(500, books.float, shop)
    settled = books.move(300, shop, books.float, kind="settle")
    terms = {"kind": "return", "reverses": settled.id}

    results = books.together(20, lambda _: books.move(100, books.float, shop, **terms))

    assert kinds(results) == {ledger.Moved: 3, ledger.OverReversed: 17}
    assert books.faults() == []


def test_opposite_moves_and_batches_never_deadlock(
    books, a_move: Callable[..., ledger.Move]
) -> None:
    people = [books.open(funds=100_000) for _ in range(3)]
    shop = books.open("merchant", hot=True)
    everyone = [*people, shop, books.float]
    before = deadlocks(books)

    def storm(i: int) -> Counter[str]:
        dice, seen = random.Random(i), Counter[str]()  # noqa: S311
        for _ in range(40):
            pairs = [dice.sample(everyone, 2) for _ in range(dice.choice([1, 1, 2, 6]))]
            moves = [a_move(dice.randint(1, 500), *pair) for pair in pairs]
            try:
                books.move_all(*moves) if len(moves) > 1 else books.move(5, *pairs[0])
                seen["moved"] += 1
            except ledger.InsufficientFunds:
                seen["short"] += 1
        return seen

    total = sum(books.together(16, storm), Counter[str]())

    assert total["moved"] > 16 * 20
    assert total["short"] > 0
    assert deadlocks(books) == before
    books.fold()
    assert books.faults() == []


def test_opposite_batches_of_the_same_accounts_never_deadlock(
    books, a_move: Callable[..., ledger.Move]
) -> None:
    people = [books.open(funds=10_000) for _ in range(6)]
    rounds = list(zip(people, people[1:] + people[:1], strict=True))

    def go_round(i: int) -> None:
        for _ in range(15):
            books.move_all(*(a_move(1, *(pair if i % 2 else pair[::-1])) for pair in rounds))

    books.together(10, go_round)

    assert [books.balance(each) for each in people] == [10_000] * 6


@pytest.mark.parametrize("turn", range(6))
def test_a_credit_never_lands_on_an_account_that_closed(books, turn: int) -> None:
    """A hot account takes credits without its lock: closing it must wait for those under way."""
    a, shop, start = books.open(funds=1000), books.open("merchant", hot=True), Barrier(9)

    def race(i: int) -> object:
        start.wait()
        return books.set_status(shop, "closed") if i == turn else books.move(5, a, shop)

    results = books.together(9, race)

    landed = kinds(results)[ledger.Moved]
    assert books.balance(shop) == 5 * landed
    if kinds(results)[ledger.NotEmpty]:
        assert landed == 8
    else:
        assert (landed, kinds(results)[ledger.AccountClosed]) == (0, 8)
    assert books.faults() == []


def test_closing_a_hot_account_waits_for_a_credit_that_saw_it_open(books) -> None:
    a, b, shop, key = (
        books.open(funds=9),
        books.open(funds=9),
        books.open("merchant", hot=True),
        "k",
    )
    steps = [Event(), Event()]

    def hold_the_key() -> None:
        """Use the key, so that the payment stops between looking and writing; then let go."""
        with books.app.app_context():
            ledger.move(Money(1), debit=b, credit=books.open(), kind="send", key=key)
            steps[0].set()
            wait_for(books, "ShareLock' AND locktype = 'transactionid")  # the payment, on the key
            steps[1].set()
            wait_for(books, "ShareLock' AND locktype = 'relation")  # the closing, on the payment
            db.session.rollback()

    def race(i: int) -> object:
        if i == 0:
            return hold_the_key()
        steps[i - 1].wait(5)
        return books.move(5, a, shop, key=key) if i == 1 else books.set_status(shop, "closed")

    results = books.together(3, race)

    assert kinds(results[1:]) == {ledger.Moved: 1, ledger.NotEmpty: 1}
    assert books.balance(shop) == 5
    assert books.faults() == []


def wait_for(books, lock: str) -> None:
    """Until somebody waits for a lock, but not for long."""
    query = f"SELECT FROM pg_locks WHERE NOT granted AND mode = '{lock}'"
    deadline = time.monotonic() + 1.5
    with books.admin.connect() as connection:
        while not connection.exec_driver_sql(query).all() and time.monotonic() < deadline:
            time.sleep(0.01)


def test_any_number_of_workers_may_fold_and_seal(books) -> None:
    a, shop = books.open(funds=1000), books.open("merchant", hot=True)

    def work(i: int) -> None:
        for _ in range(8):
            if i < 4:
                books.move(1, a, shop)
            else:
                books.fold() if i % 2 else books.seal(wait=False)

    books.together(10, work)
    books.fold()
    books.seal()

    unfolded = books.sql("SELECT FROM ledger.pending WHERE account_id = :id", id=shop)
    entries, sealed = books.sql(
        "SELECT (SELECT count(*) FROM ledger.entry), (SELECT sum(entries) FROM ledger.block)"
    )[0]
    assert unfolded == []
    assert books.balance(shop) == 32
    assert entries == sealed
    assert books.faults() == []
