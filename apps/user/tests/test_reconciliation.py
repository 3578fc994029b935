"""Our book against a bank's statement: what differs is named, what is dangerous stops payouts."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.desk import BankEntry, Difference
from batua_db.models.payments import LinkedAccount, Payout
from batua_db.models.wallet import Bank, User
from batua_db.money import Money
from batua_user.bank.client import BankClient
from batua_user.bank.values import StatementLine, read_line
from batua_user.payouts import service as payouts
from batua_user.reconciliation import reading
from batua_user.reconciliation.reading import Broken, Position
from batua_user.reconciliation.service import compare, reconcile

from .statement import Statement, book, halted, items, later, standing
from .stub import Stub

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def statement(stub: Stub, bank_at: Callable[[str], BankClient], sbb: Bank) -> Statement:
    """A bank that answers with a statement."""
    made = Statement()
    stub.answer = made.answer
    bank_at(stub.url)
    return made


def kept() -> int:
    return db.session.scalars(select(func.count()).select_from(BankEntry)).one()


def open_differences() -> int:
    return db.session.scalars(select(func.count()).select_from(Difference)).one()


def test_at_rest_there_is_no_difference(statement: Statement, sbb: Bank, asha: User) -> None:
    for amount in (500_00, 20_50):
        book(sbb, asha, amount, statement.moves(amount))
    book(sbb, asha, -100_00, statement.moves(-100_00))

    assert compare("SBB")

    found = standing().found
    assert (found.platform, found.float, found.difference, found.items) == (420_50, -420_50, 0, [])
    assert (kept(), open_differences(), halted()) == (3, 0, "")


def test_a_bank_where_nothing_ever_moved_agrees(statement: Statement) -> None:
    assert compare("SBB")

    assert (standing().found.difference, items()) == (0, [])


def test_reading_again_reads_only_what_is_new(
    statement: Statement, stub: Stub, sbb: Bank, asha: User
) -> None:
    book(sbb, asha, 500_00, statement.moves(500_00))
    assert compare("SBB")
    stub.asked.clear()

    assert compare("SBB")
    assert [path for _, path, _, _ in stub.asked] == ["/api/v1/settlement?bank=SBB"]
    statement.moves(7_00)
    assert compare("SBB")

    assert "after=0" in stub.asked[-1][1]  # the last known line again, and what follows
    assert kept() == 2


def test_captured_money_is_on_its_way_then_late_and_stops_nothing(
    statement: Statement, sbb: Bank, asha: User
) -> None:
    reference = statement.moves(75_25)
    compare("SBB")
    assert items() == [("on its way", reference, 75_25, False)]
    assert (standing().found.on_its_way, standing().found.difference) == (75_25, 0)

    later()
    compare("SBB")
    assert items() == [("not booked", reference, 75_25, True)]
    assert standing().found.difference == 75_25
    assert halted() == ""

    book(sbb, asha, 75_25, reference)
    compare("SBB")
    assert items() == []


def test_what_the_bank_never_moved_stops_payouts_once_it_is_old(
    statement: Statement, sbb: Bank, asha: User
) -> None:
    book(sbb, asha, 75_25, "invented")
    compare("SBB")
    assert items() == [("on its way", "invented", -75_25, False)]

    later()
    assert items() == [("missing at the bank", "invented", -75_25, True)]
    compare("SBB")

    assert "missing at the bank, reference invented: ₹75.25 booked, none at SBB" in halted()
    statement.moves(75_25, "invented")
    compare("SBB")
    assert items() == []
    assert halted()  # until a person says otherwise


def test_a_person_who_lets_them_go_on_is_not_overruled_by_the_same_difference(
    statement: Statement, sbb: Bank, asha: User
) -> None:
    book(sbb, asha, 75_25, "invented")
    compare("SBB")
    later()
    compare("SBB")
    with transaction():
        payouts.resume()

    compare("SBB")
    assert halted() == ""
    book(sbb, asha, 1_00, "another")
    compare("SBB")
    later()
    compare("SBB")

    assert "reference another" in halted()


def test_what_was_booked_after_the_bank_was_asked_is_never_a_fault(
    statement: Statement, sbb: Bank, asha: User
) -> None:
    compare("SBB")
    book(sbb, asha, 75_25, "after")
    with transaction():
        later_than_reading = Difference(
            bank_code="SBB", reference="after", way="in", booked=Money(75_25)
        )
        later_than_reading.booked_at = standing().statement.read_at
        db.session.add(later_than_reading)

    assert items() == [("on its way", "after", -75_25, False)]


def test_an_amount_that_differs_stops_payouts(statement: Statement, sbb: Bank, asha: User) -> None:
    reference = statement.moves(70_00)
    book(sbb, asha, 75_00, reference)
    compare("SBB")
    later()
    compare("SBB")

    assert items() == [("amounts differ", reference, -5_00, True)]
    assert "₹75.00 booked, ₹70.00 moved at SBB" in halted()


class TestPaidOut:
    @pytest.fixture
    def payout(self, asha: User) -> Payout:
        """A withdrawal on its way."""
        account = LinkedAccount(
            user_id=asha.id, bank_code="SBB", ifsc="SBBT0000181", holder="Asha Rao",
            number_sealed=b"", number_hash=b"", last_digits="4471", usable_at=func.now(),
        )  # fmt: skip
        made = Payout(user_id=asha.id, amount=Money(50_00), state="in_flight", bank_code="SBB")
        made.linked_account = account
        with transaction():
            db.session.add(made)
        return made

    def test_a_payout_that_waits_for_its_news_is_late_and_stops_nothing(
        self, statement: Statement, sbb: Bank, asha: User, payout: Payout
    ) -> None:
        book(sbb, asha, 100_00, statement.moves(100_00))
        reference = statement.moves(-50_00, str(payout.id))
        compare("SBB")
        later()
        compare("SBB")

        assert items() == [("not booked", f"{reference} (out)", -50_00, True)]
        assert halted() == ""

    def test_one_that_nobody_waits_for_stops_payouts(
        self, statement: Statement, sbb: Bank, asha: User, payout: Payout
    ) -> None:
        book(sbb, asha, 100_00, statement.moves(100_00))
        statement.moves(-50_00, str(payout.id))
        with transaction():
            payout.state = "returned"
        compare("SBB")
        assert halted() == ""
        later()
        compare("SBB")

        assert "not booked, reference" in halted()

    def test_money_that_left_without_a_reference_stops_payouts(
        self, statement: Statement, sbb: Bank, asha: User
    ) -> None:
        book(sbb, asha, 100_00, statement.moves(100_00))
        statement.moves(-1_00)
        statement.lines[-1]["reference"] = ""
        compare("SBB")
        later()
        compare("SBB")

        assert f"reference transfer {statement.lines[-1]['id']} (out)" in halted()


class TestStatement:
    """A statement that can't be true, and one that is not the one that was read."""

    @pytest.mark.parametrize(
        ("line", "change", "why"),
        [
            (1, {"amount": 21_50}, "line 2 does not add up"),
            (1, {"balance": 999_00}, "line 2 does not add up"),
            (2, {"number": 4}, "line 4 does not add up"),
        ],
    )
    def test_lines_that_do_not_add_up_stop_payouts(
        self, statement: Statement, line: int, change: dict[str, int], why: str
    ) -> None:
        for amount in (500_00, 20_50, 3_00):
            statement.moves(amount)
        statement.lines[line].update(change)

        assert not compare("SBB")

        assert why in halted()
        assert standing().statement.fault == why

    def test_a_balance_that_is_not_the_sum_of_its_lines_stops_payouts(
        self, statement: Statement
    ) -> None:
        statement.moves(500_00)
        statement.lie = 400_00

        assert not compare("SBB")
        assert "its lines sum to ₹500.00, and it says ₹400.00" in halted()
        statement.lie = None
        assert compare("SBB")

        assert standing().statement.fault == ""
        assert halted()

    def test_lines_that_are_held_back_stop_payouts(self, statement: Statement, stub: Stub) -> None:
        statement.moves(500_00)
        statement.moves(1_00)
        hidden = Statement(statement.lines[:1])
        stub.answer = lambda handler: (
            statement if handler.path.endswith("bank=SBB") else hidden
        ).answer(handler)

        compare("SBB")
        assert not compare("SBB")

        assert "line 2 of 2 is missing" in halted()

    def test_an_older_bank_is_read_from_the_start_and_what_it_lost_is_named(
        self, statement: Statement, sbb: Bank, asha: User
    ) -> None:
        """The bank was restored to an earlier day (its last payment is gone)."""
        for amount in (500_00, 20_50):
            book(sbb, asha, amount, statement.moves(amount))
        compare("SBB")
        lost = statement.lines.pop()

        assert not compare("SBB")
        assert "it ends at line 1, and had 2" in halted()
        assert compare("SBB")
        later()

        assert items() == [("missing at the bank", lost["reference"], -20_50, True)]
        assert standing().found.platform == 500_00

    @pytest.mark.parametrize("same_balance", [True, False])
    def test_an_older_bank_that_went_on_is_not_taken_for_the_one_that_was_read(
        self, statement: Statement, sbb: Bank, asha: User, same_balance: bool
    ) -> None:
        book(sbb, asha, 20_50, statement.moves(20_50))
        compare("SBB")
        lost = statement.lines.pop()
        statement.moves(20_50 if same_balance else 9_00)
        statement.moves(1_00)

        assert not compare("SBB")
        assert "line 1 is" in halted()
        compare("SBB")
        later()

        assert ("missing at the bank", lost["reference"], -20_50, True) in items()

    def test_the_rule_takes_nothing_beyond_what_was_asked_about(self, statement: Statement) -> None:
        client_lines = _lines(statement, 5_00, 6_00, 7_00)

        new = reading.check(Position(0, Money(0)), client_lines, until=2)

        assert [line.number for line in new] == [1, 2]
        with pytest.raises(Broken, match="line 3 of 3 is missing"):
            reading.check(Position(2, Money(11_00)), client_lines[1:2], until=3)


def _lines(statement: Statement, *amounts: int) -> list[StatementLine]:
    for amount in amounts:
        statement.moves(amount)
    return [read_line(line) for line in statement.lines]


@pytest.mark.usefixtures("nowhere")
def test_without_a_bank_nothing_is_judged(sbb: Bank, asha: User) -> None:
    book(sbb, asha, 75_25, "unseen")

    assert reconcile() == 0
    later()
    assert reconcile() == 0

    assert halted() == ""


def test_a_bank_that_does_not_answer_is_read_later(
    statement: Statement, stub: Stub, sbb: Bank, asha: User
) -> None:
    book(sbb, asha, 500_00, statement.moves(500_00))
    stub.says(500, {})
    assert not compare("SBB")

    stub.answer = statement.answer
    assert compare("SBB")
    assert items() == []


def test_a_long_statement_is_read_in_turns(
    statement: Statement, sbb: Bank, asha: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGES", 1)
    for _ in range(250):
        statement.moves(1_00)
    book(sbb, asha, 1_00, statement.lines[0]["reference"])

    assert not compare("SBB")
    assert not standing().statement.complete
    assert compare("SBB")

    assert kept() == 250
    assert standing().found.platform == 250_00
    assert ledger.balance(sbb.float_account) == Money(-1_00)
    assert standing().found.on_its_way == 249_00
