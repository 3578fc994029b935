"""What the worker does with the bank: its list, and the seals."""

from typing import Any

import pytest
from sqlalchemy import func, select

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.ledger import Account
from batua_db.models.wallet import Bank, Witness
from batua_dev.testing import Committed, wait_until_sealable
from batua_user import house, seals, worker
from batua_user.bank import service as banks

from .helpers import MakeUser, statements
from .stub import answer


@pytest.mark.usefixtures("session")
class TestBanks:
    NAMES = (
        {"code": "SBB", "name": "State Bank of Batua", "ifsc_prefix": "SBBT0"},
        {"code": "CCB", "name": "Coastal Commerce Bank", "ifsc_prefix": "CCBK0"},
    )

    def test_the_list_is_taken_over_and_each_bank_gets_an_account(self, bank: Any) -> None:
        bank.says(200, {"items": list(self.NAMES), "next": None})

        assert banks.refresh() == 2
        assert banks.refresh() == 2

        known = db.session.scalars(select(Bank).order_by(Bank.code)).all()
        assert [each.name for each in known] == ["Coastal Commerce Bank", "State Bank of Batua"]
        for each in known:
            account = db.session.get_one(Account, each.float_account)
            assert (account.kind, account.floor, account.hot) == (f"float:{each.code}", None, True)
        assert db.session.scalar(select(func.count()).select_from(Account)) == 2

    def test_a_bank_seen_first_with_money_is_named_later(self, bank: Any) -> None:
        with transaction():
            account = banks.float_of("CCB")
        bank.says(200, {"items": list(self.NAMES), "next": None})
        banks.refresh()

        found = db.session.get_one(Bank, "CCB")
        assert (found.float_account, found.name) == (account, "Coastal Commerce Bank")

    def test_there_is_one_suspense_account(self) -> None:
        with transaction():
            assert house.suspense() == house.suspense()

    def test_the_suspense_account_is_found_among_a_million(self) -> None:
        """Those of people have owners, which the index knows."""
        with transaction():
            house.suspense()
            with statements() as seen:
                house.suspense()

        assert len(seen) == 1
        assert "owner IS NULL" in seen[0]

    @pytest.mark.usefixtures("nowhere")
    def test_without_the_bank_the_worker_goes_on(self) -> None:
        assert worker.refresh_banks() == 0
        assert seals.exchange() == 0


@pytest.mark.commits
class TestSeals:
    def test_digests_go_there_and_come_here_once(
        self, committed: Committed, make_user: MakeUser, bank: Any
    ) -> None:
        make_user(funds="100")
        ledger.fold()
        wait_until_sealable()
        assert seals.seal() >= 1
        theirs = [{"book": "bank", "number": 1, "digest": "ab" * 32}]

        bank.says(200, {"items": theirs, "next": None})
        assert seals.exchange() == 2
        bank.says(200, {"items": [], "next": None})
        assert seals.exchange() == 0

        rows = db.session.execute(select(Witness.book, Witness.number).order_by(Witness.book))
        assert [tuple(row) for row in rows] == [("bank", 1), ("wallet", 1)]
        posts = [each for each in bank.asked if each[0] == "POST"]
        assert len(posts) == 1

    def test_what_the_bank_did_not_take_is_sent_again(
        self, committed: Committed, make_user: MakeUser, bank: Any
    ) -> None:
        make_user(funds="100")
        ledger.fold()
        wait_until_sealable()
        seals.seal()
        refusal = {"error": {"code": "seal_differs", "message": "Audit.", "field": None}}
        for status, body in ((500, {}), (409, refusal)):
            bank.says(status, body)
            assert seals.exchange() == 0

        assert db.session.scalar(select(func.count()).select_from(Witness)) == 0

    def test_digests_that_the_bank_refuses_do_not_stop_us_from_keeping_its_own(
        self, committed: Committed, make_user: MakeUser, bank: Any
    ) -> None:
        make_user(funds="100")
        ledger.fold()
        wait_until_sealable()
        seals.seal()
        refusal = {"error": {"code": "seal_differs", "message": "Audit.", "field": None}}
        theirs = {"items": [{"book": "bank", "number": 1, "digest": "ab" * 32}], "next": None}
        bank.answer = lambda handler: (
            answer(handler, 409, refusal)
            if handler.command == "POST"
            else answer(handler, 200, theirs)
        )

        assert seals.exchange() == 1

        assert db.session.scalars(select(Witness.book)).all() == ["bank"]
