"""What can’t be credited is set aside, as the bank moved it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.ledger import Transfer
from batua_db.models.people import Usage
from batua_db.models.wallet import Bank, User
from batua_db.money import Money
from batua_user.limits.service import LimitReached

from .helpers import Balance, MakeTopup, MakeUser, StateOf
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

        assert the_bank.tell(the_bank.payment(topup)).status_code == 200

        assert db.session.scalar(select(func.count()).select_from(Transfer)) == 1
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
def test_the_money_of_a_wallet_that_closes_in_between_is_set_aside(
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
        assert told.result().status_code == 200

    assert (state_of(topup), suspense()) == ("captured", Money(500_00))


@pytest.mark.usefixtures("session")
class TestLimits:
    def test_what_a_small_wallet_may_not_hold_is_set_aside(
        self, the_bank: Any, make_user: MakeUser, make_topup: MakeTopup, balance: Balance
    ) -> None:
        meena, asha = make_user(tier="small"), make_user()
        topup = make_topup(meena, "9,000")
        give(asha, meena, "1,000.01")

        the_bank.tell(the_bank.payment(topup, amount=9_000_00))

        assert (balance(meena), suspense()) == (Money(1_000_01), Money(9_000_00))
        assert steps(topup)[-1] == ("suspended", "limit")
        assert db.session.scalar(select(func.count()).select_from(Usage)) == 0

    def test_loads_are_counted_over_the_month(
        self, the_bank: Any, make_user: MakeUser, make_topup: MakeTopup, balance: Balance
    ) -> None:
        meena, asha = make_user(tier="small"), make_user()
        for amount in ("6,000", "4,000"):
            paise = Money.parse(amount).paise
            the_bank.tell(the_bank.payment(make_topup(meena, amount), amount=paise))
            give(meena, asha, amount)

        with pytest.raises(LimitReached, match=r"add ₹0\.00 more this month"):
            make_topup(meena, "1")
        assert balance(asha) == Money(10_000_00)

    def test_what_is_open_takes_its_room_already(
        self, make_user: MakeUser, make_topup: MakeTopup
    ) -> None:
        meena = make_user(tier="small")
        make_topup(meena, "6,000")

        with pytest.raises(LimitReached, match=r"add ₹4,000\.00 more"):
            make_topup(meena, "4,000.01")
        make_topup(meena, "4,000")


def give(payer: User, payee: User, amount: str) -> None:
    """Move money between two people, wherever the payer has it from."""
    with transaction():
        funds = ledger.open_account("wallet", "float:XYZ", floor=None)
        for debit, credit in ((funds, payer.account_id), (payer.account_id, payee.account_id)):
            ledger.move(
                Money.parse(amount), debit=debit, credit=credit, kind="send", key=str(uuid4())
            )
