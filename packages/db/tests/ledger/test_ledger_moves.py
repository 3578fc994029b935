"""What a move does, and what it refuses."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.ledger import Account, Entry, Transfer
from batua_db.money import Money

pytestmark = pytest.mark.commits


def test_money_leaves_one_account_and_reaches_the_other(books) -> None:
    a, b = books.open(funds=100_00), books.open()

    moved = books.move(30_00, a, b, note="lunch")

    assert (moved.debit_balance, moved.credit_balance) == (Money(70_00), Money(30_00))
    assert not moved.repeated
    assert (books.balance(a), books.balance(b)) == (70_00, 30_00)
    assert books.faults() == []


def test_a_transfer_and_its_passbook_lines_are_written(books) -> None:
    a, b = books.open(funds=5_00), books.open()
    happened = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)

    terms = {"kind": "pay", "note": "₹ chai", "details": {"cups": 2}, "happened_at": happened}
    moved = books.move(2_00, a, b, **terms)

    with books.app.app_context():
        transfer = db.session.get_one(Transfer, moved.id)
        lines = [db.session.get_one(Entry, key) for key in ((a, 2), (b, 1))]
    assert (transfer.book, transfer.kind, transfer.amount) == ("wallet", "pay", Money(2_00))
    assert (transfer.note, transfer.details) == ("₹ chai", {"cups": 2})
    assert transfer.happened_at == happened < transfer.created_at
    assert [(line.amount.paise, line.balance.paise) for line in lines] == [(-200, 300), (200, 200)]


def test_the_same_key_answers_with_the_first_transfer_even_when_nothing_is_left(books) -> None:
    a, b = books.open(funds=100), books.open()
    key = str(uuid4())
    first = books.move(100, a, b, key=key)

    again = books.move(100, a, b, key=key, note="other words are the same terms")

    assert again == ledger.Moved(first.id, Money(0), Money(100), repeated=True)


def test_the_same_key_with_other_terms_is_refused(books) -> None:
    a, b, c = books.open(funds=100), books.open(funds=100), books.open()
    terms = {"amount": 100, "debit": a, "credit": b, "key": str(uuid4())}
    first = books.move(**terms)

    others: list[dict[str, Any]] = [
        {"amount": 99},
        {"debit": b, "credit": a},
        {"credit": c},
        {"kind": "pay"},
        {"debit": b, "credit": a, "reverses": first.id},
    ]
    for other in others:
        with pytest.raises(ledger.KeyReused, match="Start again") as caught:
            books.move(**terms | other)
        assert caught.value.transfer_id == first.id


def test_a_key_belongs_to_one_book(books) -> None:
    key = str(uuid4())
    cash, customer = (
        books.open("cash", book="bank", floor=None),
        books.open("customer", book="bank"),
    )

    books.move(5, books.float, books.open(), key=key)

    assert not books.move(5, cash, customer, key=key).repeated
    books.move(1, cash, customer, key="in the bank's book")
    with pytest.raises(ledger.InsufficientFunds):
        books.move(1, books.open(), books.open(), key="in the bank's book")


@pytest.mark.parametrize("then", ["frozen", "closed"])
def test_a_repeated_key_is_answered_before_anything_else_is_said(books, then: str) -> None:
    a, b, key = books.open(funds=10), books.open(), str(uuid4())
    first = books.move(10, a, b, key=key)
    books.set_status(a, then)

    assert books.move(10, a, b, key=key).id == first.id
    with pytest.raises(ledger.KeyReused):
        books.move(9, a, b, key=key)


@pytest.mark.parametrize("amount", [0, -1, 10**11 + 1, 2**63 - 1, -(2**63), 2**63, 10**40])
def test_an_amount_out_of_range_is_refused_and_never_crashes(books, amount: int) -> None:
    with pytest.raises(ledger.InvalidMove):
        books.move(amount, books.float, books.open())


@pytest.mark.parametrize(
    "terms",
    [{"key": ""}, {"key": "k" * 201}, {"kind": ""}, {"kind": "Send!"}, {"note": "n" * 501}],
)
def test_terms_that_no_caller_should_let_through(books, terms: dict[str, str]) -> None:
    with pytest.raises(ledger.InvalidMove):
        books.move(1, books.float, books.open(), **terms)


def test_refusals(books) -> None:
    a, b = books.open(funds=100), books.open()
    elsewhere = books.open("customer", book="bank")

    with pytest.raises(ledger.InvalidMove):
        books.move(1, a, a)
    with pytest.raises(ledger.UnknownAccount):
        books.move(1, a, uuid4())
    with pytest.raises(ledger.UnknownAccount):
        books.move(1, uuid4(), a)
    with pytest.raises(ledger.Mismatch):
        books.move(1, a, elsewhere)
    with pytest.raises(ledger.InsufficientFunds, match=r"^You need ₹30\.00 more") as caught:
        books.move(31_00, a, b)
    assert caught.value.short_by == Money(30_00)
    assert caught.value.code == "insufficient_funds"
    assert books.balance(a) == 100


def test_a_refusal_leaves_the_transaction_usable(books) -> None:
    a, b = books.open(funds=100), books.open()
    terms = {"debit": a, "credit": b, "kind": "send"}

    with books.app.app_context(), transaction():
        with pytest.raises(ledger.InsufficientFunds):
            ledger.move(Money(101), key=str(uuid4()), **terms)
        ledger.move(Money(60), key=str(uuid4()), **terms)

    assert books.balance(a) == 40


def test_a_move_is_undone_with_the_callers_transaction(books) -> None:
    a, b = books.open(funds=100), books.open()

    with books.app.app_context():
        ledger.move(Money(60), debit=a, credit=b, kind="send", key=str(uuid4()))
        db.session.rollback()

    assert books.balance(a) == 100


def test_a_reversal_mirrors_its_original_and_is_final(books) -> None:
    a, b, c = (books.open(funds=100) for _ in range(3))
    paid = books.move(50, a, b)

    for debit, credit in ((c, a), (b, c), (a, b)):
        with pytest.raises(ledger.Mismatch):
            books.move(50, debit, credit, reverses=paid.id)
    back = books.move(50, b, a, reverses=paid.id)
    with pytest.raises(ledger.Mismatch):
        books.move(50, a, b, reverses=back.id)
    with pytest.raises(ledger.Mismatch):
        books.move(50, b, a, reverses=uuid4())


def test_reversals_never_exceed_the_original_in_sum(books) -> None:
    a, b = books.open(funds=100), books.open(funds=100)
    paid = books.move(50, a, b)
    books.move(30, b, a, reverses=paid.id)

    with pytest.raises(ledger.OverReversed, match=r"₹0\.10 more than is left") as caught:
        books.move(30, b, a, reverses=paid.id)
    assert caught.value.short_by == Money(10)
    assert books.move(20, b, a, reverses=paid.id).credit_balance == Money(100)


def test_a_frozen_account_refuses_debits_and_takes_credits(books) -> None:
    a, b = books.open(funds=100), books.open(funds=100)
    books.set_status(a, "frozen")

    with pytest.raises(ledger.AccountFrozen, match="frozen"):
        books.move(1, a, b)
    assert books.move(1, b, a).credit_balance == Money(101)
    books.set_status(a, "open")
    assert books.move(1, a, b).debit_balance == Money(100)


def test_reversals_ignore_frozen(books) -> None:
    a, b = books.open(funds=100), books.open()
    paid = books.move(50, a, b)
    books.set_status(a, "frozen")
    books.set_status(b, "frozen")

    assert books.move(50, b, a, reverses=paid.id).credit_balance == Money(100)


def test_only_an_empty_account_closes_and_then_nothing_moves(books) -> None:
    a, b = books.open(funds=100), books.open(funds=100)
    with pytest.raises(ledger.NotEmpty, match="Empty it first"):
        books.set_status(a, "closed")
    paid = books.move(100, a, b)

    books.set_status(a, "closed")

    for debit, credit, reverses in ((a, b, None), (b, a, None), (b, a, paid.id)):
        with pytest.raises(ledger.AccountClosed, match="closed"):
            books.move(1, debit, credit, reverses=reverses)
    with pytest.raises(ledger.AccountClosed):
        books.set_status(a, "open")
    books.set_status(a, "closed")
    assert books.faults() == []


def test_a_hot_account_with_something_waiting_does_not_close(books) -> None:
    a, shop = books.open(funds=100), books.open("merchant", hot=True)
    books.move(100, a, shop)
    with pytest.raises(ledger.NotEmpty):
        books.set_status(shop, "closed")
    books.move(100, shop, a)

    books.set_status(shop, "closed")

    with pytest.raises(ledger.AccountClosed):
        books.move(1, a, shop)


def test_status_of_nothing_and_status_nothing(books) -> None:
    with pytest.raises(ledger.UnknownAccount):
        books.set_status(uuid4(), "frozen")
    with pytest.raises(ledger.InvalidMove):
        books.set_status(books.open(), "melted")
    with pytest.raises(ledger.UnknownAccount):
        books.balance(uuid4())


def test_a_hot_accounts_credits_wait_and_a_debit_that_would_be_short_folds_first(books) -> None:
    a, shop = books.open(funds=1000), books.open("merchant", hot=True)

    assert [books.move(100, a, shop).credit_balance for _ in range(3)] == [None] * 3
    assert books.balance(shop) == 300

    assert books.move(200, shop, a).debit_balance == Money(100)
    with pytest.raises(ledger.InsufficientFunds) as caught:
        books.move(101, shop, a)
    assert caught.value.short_by == Money(1)
    assert books.faults() == []


def test_folding_books_each_leg_once_in_order_with_an_exact_running_balance(books) -> None:
    a, shop = books.open(funds=1000), books.open("merchant", hot=True)
    moved = [books.move(10 + n, a, shop) for n in range(9)]

    assert books.fold() >= 9

    lines = books.sql("SELECT * FROM ledger.entry WHERE account_id = :id ORDER BY version", id=shop)
    assert [line.transfer_id for line in lines] == [each.id for each in moved]
    assert [line.version for line in lines] == list(range(1, 10))
    assert [line.balance for line in lines] == [sum(range(10, 11 + n)) for n in range(9)]
    assert books.fold() == 0
    assert books.faults() == []


def test_move_all_runs_the_balance_of_an_account_that_comes_up_often(
    books, a_move: Callable[..., ledger.Move]
) -> None:
    a, b, c = books.open(funds=100), books.open(), books.open()

    done = books.move_all(a_move(60, a, b), a_move(50, b, c), a_move(50, c, a), a_move(90, a, b))

    balances = [(each.debit_balance.paise, each.credit_balance.paise) for each in done]
    assert balances == [(40, 60), (10, 50), (0, 90), (0, 100)]
    assert [books.balance(each) for each in (a, b, c)] == [0, 100, 0]
    assert books.faults() == []


def test_move_all_makes_all_or_none_and_says_which_one_was_refused(
    books, a_move: Callable[..., ledger.Move]
) -> None:
    a, b, hot = books.open(funds=100), books.open(), books.open("merchant", hot=True)
    moves = [a_move(60, a, b), a_move(30, a, hot), a_move(11, a, b), a_move(10, a, b)]
    before = books.sql("SELECT count(*) FROM ledger.transfer")

    with pytest.raises(ledger.InsufficientFunds) as caught:
        books.move_all(*moves)

    assert (caught.value.position, caught.value.short_by) == (2, Money(1))
    assert [books.balance(each) for each in (a, b, hot)] == [100, 0, 0]
    assert books.sql("SELECT count(*) FROM ledger.transfer") == before
    assert not books.sql("SELECT * FROM ledger.pending WHERE account_id = :id", id=hot)
    assert books.faults() == []


def test_after_a_refused_batch_the_transaction_is_usable(
    books, a_move: Callable[..., ledger.Move]
) -> None:
    a, b = books.open(funds=100), books.open()

    with books.app.app_context(), transaction():
        with pytest.raises(ledger.UnknownAccount) as caught:
            ledger.move_all([a_move(60, a, b), a_move(1, a, uuid4())])
        ledger.move_all([a_move(100, a, b)])

    assert caught.value.position == 1
    assert books.balance(b) == 100


def test_in_a_batch_what_was_done_before_counts_as_done(
    books, a_move: Callable[..., ledger.Move]
) -> None:
    a, b = books.open(funds=100), books.open()
    first, second = a_move(70, a, b), a_move(30, a, b)
    books.move_all(first)

    both, again = books.move_all(first, second), books.move_all(first, second)

    assert [each.repeated for each in both] == [True, False]
    assert [each.repeated for each in again] == [True, True]
    assert [each.id for each in both] == [each.id for each in again]
    assert books.balance(a) == 0


def test_a_hot_account_may_be_paid_and_pay_in_one_batch(
    books, a_move: Callable[..., ledger.Move]
) -> None:
    a, shop, fees = books.open(funds=100), books.open("merchant", hot=True), books.open("fees")

    done = books.move_all(a_move(100, a, shop), a_move(2, shop, fees), a_move(98, shop, a))

    assert done[-1].debit_balance == Money(0)
    assert books.faults() == []


def test_an_empty_batch_is_nothing(books) -> None:
    assert books.move_all() == []


def test_lock_answers_with_accounts_as_they_now_are(books) -> None:
    a, b = books.open(funds=100), books.open()
    with books.app.app_context(), transaction():
        seen_early = db.session.get_one(Account, a)
        assert seen_early.balance == Money(100)
        books_elsewhere = books.together(1, lambda _: books.move(40, a, b))
        assert isinstance(books_elsewhere[0], ledger.Moved)

        held = ledger.lock([b, a])

        assert {each: held[each].balance.paise for each in held} == {a: 60, b: 40}
        assert (held[a].kind, held[a].status, held[a].floor) == ("person", "open", Money(0))


def test_only_the_world_outside_may_have_no_floor(books) -> None:
    with pytest.raises(Exception, match="refused"):
        books.open("person", floor=None)
    for kind in ("cash", "float:HBB"):
        assert books.open(kind, floor=None)


def test_a_move_is_one_statement(books, a_move: Callable[..., ledger.Move]) -> None:
    a, b = books.open(funds=100), books.open()
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(books.engine, "before_cursor_execute", note)
    try:
        books.move(10, a, b)
        books.move_all(a_move(1, a, b), a_move(2, b, a))
    finally:
        event.remove(books.engine, "before_cursor_execute", note)

    assert [statement.split("(")[0].split()[-1] for statement in statements] == [
        "ledger.move",
        "ledger.move_all",
    ]


def test_ids_are_in_the_order_of_time(books) -> None:
    a, b = books.open(funds=100), books.open()
    ids = [books.move(1, a, b).id for _ in range(20)]

    assert {each.version for each in ids} == {7}
    assert ids == sorted(ids)


@pytest.mark.parametrize("amount", [0, -1, 10**11 + 1, 2**63 - 1, None])
def test_the_function_itself_says_invalid(books, amount: int | None) -> None:
    """Not the Python in front of it."""
    raw = "SELECT outcome FROM ledger.move(CAST(:n AS bigint), :a, :b, 'send', 'raw')"

    assert books.sql(raw, n=amount, a=books.float, b=books.open()) == [("invalid",)]
