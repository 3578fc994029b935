"""Reconciliation, books and seals at the desk: what they show, and what staff do there."""

from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, text

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.desk import Staff
from batua_db.models.wallet import Bank, User
from batua_dev.client import FreshClient
from batua_dev.testing import Committed, wait_until_sealable
from batua_dev.testrun import sqlalchemy_url
from batua_user import seals
from batua_user.bank.client import BankClient
from batua_user.desk.seals import service as verifying
from batua_user.payouts import service as payouts
from batua_user.reconciliation.service import compare

from .desk import AtDesk, acts, held_back
from .helpers import MakeTopup, press, token_of
from .next_door import NextDoor
from .statement import Statement, book, halted, later
from .stub import Stub
from .the_bank import TheBank


@pytest.fixture
def desk(at_desk: AtDesk, operator: Staff) -> FreshClient:
    return at_desk(operator)


@pytest.fixture
def statement(stub: Stub, bank_at: Callable[[str], BankClient], sbb: Bank) -> Statement:
    made = Statement()
    stub.answer = made.answer
    bank_at(stub.url)
    return made


@pytest.mark.usefixtures("session")
class TestReconciliation:
    PATH = "/desk/reconciliation"

    def test_before_anything_was_read_it_says_so(self, desk: FreshClient) -> None:
        assert "No statement was read yet" in desk.get(self.PATH).text

    def test_each_difference_has_its_name_amount_age_and_link(
        self, desk: FreshClient, statement: Statement, sbb: Bank, asha: User,
        make_topup: MakeTopup,
    ) -> None:  # fmt: skip
        ours = make_topup(asha, "75")
        statement.moves(75_00, str(ours))
        statement.moves(3_00, "somebody-elses")
        assert "Every rupee explained" in desk.get(self.PATH).text

        page = press(desk, f"{self.PATH}/read", self.PATH).text

        assert f"/desk/operations/{ours}" in page
        assert "Captured, not booked yet" in page
        assert "+₹75.00" in page
        assert "Moved at the bank under no reference of ours" in page
        assert "State Bank of Batua" in page
        assert 'value="7800"' in page  # what is on its way, and what the bank has
        assert "Solvent" in page

    def test_payouts_go_on_when_a_person_says_why(
        self, desk: FreshClient, statement: Statement, sbb: Bank, asha: User
    ) -> None:
        book(sbb, asha, 75_25, "invented")
        compare("SBB")
        later()
        compare("SBB")
        page = desk.get(self.PATH).text
        assert "Payouts are stopped" in page
        assert "Booked here, missing at the bank" in page
        assert "Not solvent" in page
        assert "Payouts are stopped" in desk.get("/desk").text
        assert "They do not explain themselves" in desk.get("/desk").text

        assert desk.submit(f"{self.PATH}/resume", reason="no").status_code == 422
        assert halted()
        sent = desk.submit(f"{self.PATH}/resume", reason="A test entry, looked at with SBB")

        assert sent.location == self.PATH
        assert halted() == ""
        (recorded,) = acts()
        assert (recorded.what, recorded.reason) == (
            "resume_payouts", "A test entry, looked at with SBB",
        )  # fmt: skip
        assert "reference invented" in recorded.details["stopped_for"]
        assert "There is nothing to let go on" in desk.get(f"{self.PATH}/resume").text

    def test_a_monitor_is_told(
        self, user_client: FreshClient, statement: Statement, sbb: Bank, asha: User
    ) -> None:
        book(sbb, asha, 75_25, "invented")
        compare("SBB")
        figures = user_client.get("/metrics").text
        assert 'batua_reconciliation_difference_paise{bank="SBB"} 0.0' in figures
        assert "batua_payouts_halted 0.0" in figures
        later()
        compare("SBB")

        figures = user_client.get("/metrics").text

        assert 'batua_reconciliation_difference_paise{bank="SBB"} -7525.0' in figures
        assert 'batua_reconciliation_wrong{bank="SBB"} 1.0' in figures
        assert "batua_payouts_halted 1.0" in figures

    def test_of_two_who_let_them_go_on_the_second_is_told(
        self, desk: FreshClient, statement: Statement
    ) -> None:
        with transaction():
            payouts.halt("a test")
        data = {"reason": "looked at it", "csrf_token": token_of(desk.get(f"{self.PATH}/resume"))}

        first = desk.post(f"{self.PATH}/resume", data=data)
        second = desk.post(f"{self.PATH}/resume", data=data)

        assert (first.status_code, second.status_code) == (303, 409)
        assert len(acts()) == 1

    def test_a_statement_that_cannot_be_true_is_said(
        self, desk: FreshClient, statement: Statement
    ) -> None:
        statement.moves(5_00)
        statement.lie = 4_00
        page = press(desk, f"{self.PATH}/read", self.PATH).text

        assert "The statement can’t be true" in page
        assert "Its lines sum to ₹5.00, and it says ₹4.00" in page

    def test_money_in_suspense_is_named(
        self, desk: FreshClient, statement: Statement, asha: User, make_topup: MakeTopup,
        the_bank: TheBank,
    ) -> None:  # fmt: skip
        held = held_back(asha, make_topup, the_bank)
        statement.moves(499_00, str(held))

        page = press(desk, f"{self.PATH}/read", self.PATH).text

        assert "In suspense: it came, and could not be credited" in page
        assert f"/desk/operations/{held}" in page

    def test_an_auditor_only_looks(self, at_desk: AtDesk, auditor: Staff) -> None:
        with transaction():
            payouts.halt("a test")
        browser = at_desk(auditor)
        page = browser.get(self.PATH)

        assert "Payouts are stopped" in page.text
        assert "resume" not in page.text
        assert "Read the statements now" not in page.text
        assert browser.get(f"{self.PATH}/resume").status_code == 403


@pytest.mark.usefixtures("session")
class TestBooks:
    def test_both_books_by_kind_sum_to_zero(
        self, desk: FreshClient, statement: Statement, sbb: Bank, asha: User
    ) -> None:
        book(sbb, asha, 500_00, statement.moves(500_00))
        compare("SBB")
        book(sbb, asha, 20_00, statement.moves(20_00))  # which waits to be folded

        page = desk.get("/desk/books").text

        assert "Sums to zero" in page
        assert "Held at State Bank of Batua (float)" in page
        for shown in ("−₹500.00", "−₹20.00", "−₹520.00", "₹520.00", "People"):
            assert shown in page
        assert "hold less than we owe" not in page
        assert "<dt>Transfers</dt><dd>2</dd>" in page

    def test_the_limits_stand_there_with_their_source(self, desk: FreshClient) -> None:
        page = desk.get("/desk/books").text

        assert "₹2,00,000.00" in page
        assert "RBI Master Directions" in page
        assert "Not in force" not in page


@pytest.mark.commits
@pytest.mark.usefixtures("committed")
class TestSeals:
    def test_they_are_verified_and_a_changed_row_is_found(
        self, desk: FreshClient, door: NextDoor, sbb: Bank, asha: User, committed: Committed
    ) -> None:
        assert "Nothing is sealed yet" in desk.get("/desk/seals").text
        book(sbb, asha, 500_00, "one")
        ledger.fold()
        wait_until_sealable()
        seals.seal()
        assert "Not there yet" in desk.get("/desk/seals").text
        seals.exchange()

        page = desk.get("/desk/seals?verify=now").text

        assert "The last 1 block holds" in page
        assert "The bank keeps the same digests" in page
        assert "The same" in page
        assert "Verify now" in page

        change(committed, "UPDATE ledger.transfer SET note = 'gift'")
        page = desk.get("/desk/seals?verify=now").text
        assert "Not as sealed: block 1" in page

        change(committed, "UPDATE bank.witness SET digest = sha256('x')")
        assert verifying.verify().copies == "differ"
        change(committed, "UPDATE wallet.witness SET digest = sha256('x') WHERE book = 'wallet'")
        page = desk.get("/desk/seals").text
        assert "The bank confirmed other digests" in page
        assert "Another" in page

    def test_without_the_bank_it_says_what_it_could_not_ask(
        self, desk: FreshClient, sbb: Bank, asha: User, nowhere: None
    ) -> None:
        book(sbb, asha, 500_00, "one")
        ledger.fold()
        wait_until_sealable()
        seals.seal()

        page = desk.get("/desk/seals?verify=now").text

        assert "could not be asked about its copies" in page


def change(committed: Committed, statement: str) -> None:
    """Change rows by hand, as no application can."""
    db.session.commit()
    engine = create_engine(sqlalchemy_url(committed.admin_url))
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement))
    engine.dispose()
