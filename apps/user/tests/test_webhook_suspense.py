"""What can’t be credited is set aside, as the bank moved it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, text

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.ledger import Transfer
from batua_db.models.wallet import Bank, User
from batua_db.money import Money

from .helpers import Balance, MakeTopup, StateOf, statements
from .webhook_books import steps, suspense


@pytest.mark.usefixtures("session")
class TestSuspense:
    def test_another_amount_is_set_aside_as_the_bank_moved_it(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance, state_of: StateOf
    ) -> None:
        topup = make_topup(asha, "500")

        payment = the_bank.payment(topup, amount=499_99)
        assert the_bank.tell(payment).status_code == 200
        assert the_bank.tell(payment).status_code == 200

        assert (balance(asha), suspense()) == (Money(0), Money(499_99))
        assert state_of(topup) == "captured"
        assert steps(topup)[-1] == ("suspended", "amount")
        keys = db.session.scalars(select(Transfer.key).where(Transfer.kind == "topup")).all()
        assert keys == [f"topup:{topup}:settle"]

    def test_money_from_another_bank_is_set_aside_at_that_bank(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance
    ) -> None:
        topup = make_topup(asha)

        the_bank.tell(the_bank.payment(topup, bank="NEW"))

        assert (balance(asha), suspense()) == (Money(0), Money(500_00))
        held = db.session.scalars(select(Bank.float_account).where(Bank.code == "NEW")).one()
        assert ledger.balance(held) == Money(-500_00)

    def test_a_closed_wallet_takes_nothing(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, state_of: StateOf
    ) -> None:
        topup = make_topup(asha)
        with transaction():
            ledger.set_status(asha.account_id, "closed")

        with statements() as seen:
            assert the_bank.tell(the_bank.payment(topup)).status_code == 200

        assert len([each for each in seen if "ledger.move" in each]) == 1
        assert suspense() == Money(500_00)
        assert state_of(topup) == "captured"
        assert steps(topup)[-1] == ("suspended", "closed")

    def test_a_frozen_wallet_still_receives(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance
    ) -> None:
        topup = make_topup(asha)
        with transaction():
            ledger.set_status(asha.account_id, "frozen")

        the_bank.tell(the_bank.payment(topup))

        assert balance(asha) == Money(500_00)


@pytest.mark.commits
@pytest.mark.usefixtures("committed")
def test_a_wallet_that_closes_in_between_keeps_the_money_for_the_next_delivery(
    the_bank: Any, asha: User, make_topup: MakeTopup, state_of: StateOf
) -> None:
    topup = make_topup(asha)
    payment, waits = the_bank.payment(topup), text("SELECT 1 FROM pg_locks WHERE NOT granted")
    with ThreadPoolExecutor(1) as pool:
        with transaction():
            ledger.set_status(asha.account_id, "closed")
            told = pool.submit(the_bank.tell, payment)
            while not db.session.scalar(waits):
                assert not told.done()
        assert told.result().status_code == 422
    assert (state_of(topup), suspense()) == ("pending", Money(0))

    assert the_bank.tell(payment).status_code == 200

    assert (state_of(topup), suspense()) == ("captured", Money(500_00))
