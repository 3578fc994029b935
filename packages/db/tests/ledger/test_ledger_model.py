"""Hypothesis drives the ledger and a dict side by side."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from batua_db import ledger
from batua_dev.lengths import at_length

pytestmark = pytest.mark.commits

WHO = st.integers(0, 4)  # 0 the hot float, 1 and 2 people, 3 a merchant, 4 a hot merchant
AMOUNTS = st.one_of(st.integers(-2, 60), st.sampled_from([0, 1, 10**11, 10**11 + 1, 2**63 - 1]))
MOVES = st.tuples(st.integers(1, 60), WHO, WHO)


class Machine(RuleBasedStateMachine):
    """What each account holds, its status, and what was done, as plain Python has it."""

    books: Any
    a_move: Callable[..., ledger.Move]

    @initialize()
    def start(self) -> None:
        opens = self.books.open
        outside = opens("float:HBB", floor=None, hot=True)
        people = [opens(), opens(), opens("merchant")]
        self.ids: list[UUID] = [outside, *people, opens("merchant", hot=True)]
        self.held, self.status = [0] * 5, ["open"] * 5
        self.done: list[dict[str, Any]] = []

    def expected(self, amount: int, debit: int, credit: int, held: list[int]) -> type:
        """What a fresh move must answer, with these balances."""
        if not 1 <= amount <= 10**11 or debit == credit:
            return ledger.InvalidMove
        if "closed" in (self.status[debit], self.status[credit]):
            return ledger.AccountClosed
        if self.status[debit] == "frozen":
            return ledger.AccountFrozen
        short = debit != 0 and held[debit] < amount
        return ledger.InsufficientFunds if short else ledger.Moved

    def attempt(self, call: Callable[..., Any], *arguments: Any, **terms: Any) -> Any:
        try:
            return call(*arguments, **terms)
        except ledger.LedgerError as error:
            return error

    def note(self, id_: UUID, key: str, move: tuple[int, int, int], reverses: Any = None) -> None:
        amount, debit, credit = move
        self.held[debit] -= amount
        self.held[credit] += amount
        self.done.append({"id": id_, "key": key, "move": move, "reverses": reverses, "back": 0})

    def make(self, move: tuple[int, int, int], key: str, reverses: UUID | None = None) -> Any:
        amount, debit, credit = move
        pair = (self.ids[debit], self.ids[credit])
        return self.attempt(self.books.move, amount, *pair, key=key, reverses=reverses)

    @rule(amount=AMOUNTS, debit=WHO, credit=WHO)
    def move(self, amount: int, debit: int, credit: int) -> None:
        key, move = str(uuid4()), (amount, debit, credit)
        result = self.make(move, key)
        assert type(result) is self.expected(*move, self.held)
        if isinstance(result, ledger.Moved):
            self.note(result.id, key, move)

    @rule(moves=st.lists(MOVES, min_size=1, max_size=4))
    def move_all(self, moves: list[tuple[int, int, int]]) -> None:
        held, refused = list(self.held), None
        for position, (amount, debit, credit) in enumerate(moves):
            outcome = self.expected(amount, debit, credit, held)
            if outcome is not ledger.Moved:
                refused = (position, outcome)
                break
            held[debit] -= amount
            held[credit] += amount
        batch = [self.a_move(n, self.ids[debit], self.ids[credit]) for n, debit, credit in moves]
        result = self.attempt(self.books.move_all, *batch)
        if refused:
            assert (result.position, type(result)) == refused
        else:
            for each, terms, move in zip(result, batch, moves, strict=True):
                self.note(each.id, terms.key, move)

    @rule(pick=st.integers(0, 50), other=st.booleans())
    def repeat(self, pick: int, other: bool) -> None:
        if not self.done:
            return
        first = self.done[pick % len(self.done)]
        amount, debit, credit = first["move"]
        result = self.make((amount + other, debit, credit), first["key"], first["reverses"])
        if amount + other > 10**11:
            assert type(result) is ledger.InvalidMove
        elif other:
            assert type(result) is ledger.KeyReused
        else:
            assert (result.id, result.repeated) == (first["id"], True)

    @rule(pick=st.integers(0, 50), amount=st.integers(1, 40))
    def reverse(self, pick: int, amount: int) -> None:
        if not self.done:
            return
        original = self.done[pick % len(self.done)]
        _, debit, credit = original["move"]
        key, move = str(uuid4()), (amount, credit, debit)
        result = self.make(move, key, original["id"])
        assert type(result) is self.expected_reversal(original, amount)
        if isinstance(result, ledger.Moved):
            original["back"] += amount
            self.note(result.id, key, move, original["id"])

    def expected_reversal(self, original: dict[str, Any], amount: int) -> type:
        paid, debit, credit = original["move"]
        if original["reverses"]:
            return ledger.Mismatch
        if "closed" in (self.status[debit], self.status[credit]):
            return ledger.AccountClosed
        if original["back"] + amount > paid:
            return ledger.OverReversed
        short = credit != 0 and self.held[credit] < amount
        return ledger.InsufficientFunds if short else ledger.Moved

    @rule(account=WHO, status=st.sampled_from(["open", "open", "frozen", "closed"]))
    def set_status(self, account: int, status: str) -> None:
        waiting = self.books.sql(
            "SELECT FROM ledger.pending WHERE account_id = :id", id=self.ids[account]
        )
        result = self.attempt(self.books.set_status, self.ids[account], status)
        if self.status[account] == "closed" and status != "closed":
            assert type(result) is ledger.AccountClosed
        elif status == "closed" and (self.held[account] or waiting):
            assert type(result) is ledger.NotEmpty
        else:
            assert result is None
            self.status[account] = status

    @rule(seal=st.booleans())
    def work(self, seal: bool) -> None:
        self.books.fold()
        if seal:
            self.books.seal(wait=False)

    @invariant()
    def agrees(self) -> None:
        rows = self.books.sql(
            "SELECT id, status, balance + coalesce((SELECT sum(amount) FROM ledger.pending"
            " WHERE account_id = id), 0) AS held FROM ledger.account WHERE id = ANY (:ids)",
            ids=self.ids,
        )
        found = {row.id: (row.held, row.status) for row in rows}
        told = zip(self.held, self.status, strict=True)
        assert found == dict(zip(self.ids, told, strict=True))

    def teardown(self) -> None:
        assert self.books.faults() == []


def test_the_ledger_agrees_with_a_dict(books, a_move: Callable[..., ledger.Move]) -> None:
    Machine.books, Machine.a_move = books, staticmethod(a_move)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=at_length(25, 1000),
            stateful_step_count=at_length(30, 50),
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
