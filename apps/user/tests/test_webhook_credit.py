"""What the bank captured is credited once, whatever comes."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from batua_db.database import db
from batua_db.models.ledger import Transfer
from batua_db.models.wallet import User
from batua_db.money import Money

from .helpers import Balance, MakeTopup, StateOf
from .webhook_books import inbox, steps


@pytest.mark.usefixtures("session")
class TestCredit:
    def test_what_the_bank_captured_is_credited(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance, state_of: StateOf
    ) -> None:
        topup = make_topup(asha)

        answer = the_bank.tell(the_bank.payment(topup))

        assert answer.status_code == 200
        assert balance(asha) == Money(500_00)
        assert state_of(topup) == "credited"
        assert inbox() == [("payment.succeeded", "applied")]
        assert [what for what, _ in steps(topup)] == ["asked", "captured", "told", "credited"]

    def test_the_second_delivery_is_taken_and_does_nothing(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance
    ) -> None:
        payment = the_bank.payment(make_topup(asha))

        answers = [the_bank.tell(payment, message_id="evt_1").status_code for _ in range(3)]

        assert answers == [200, 200, 200]
        assert balance(asha) == Money(500_00)
        assert len(inbox()) == 1

    def test_the_same_event_under_another_id_credits_once(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance
    ) -> None:
        payment = the_bank.payment(make_topup(asha))

        for message_id in ("evt_1", "evt_2"):
            assert the_bank.tell(payment, message_id=message_id).status_code == 200

        assert balance(asha) == Money(500_00)
        assert [outcome for _, outcome in inbox()] == ["applied", "ignored"]

    @pytest.mark.parametrize("ended", ["expired", "failed", "declined"])
    def test_money_that_came_is_credited_whatever_we_thought_before(
        self,
        the_bank: Any,
        asha: User,
        make_topup: MakeTopup,
        balance: Balance,
        state_of: StateOf,
        ended: str,
    ) -> None:
        topup = make_topup(asha, state=ended, check_at=None)

        the_bank.tell(the_bank.payment(topup))

        assert balance(asha) == Money(500_00)
        assert state_of(topup) == "credited"

    @pytest.mark.parametrize("ends", ["declined", "expired"])
    def test_what_ends_without_money_says_so_and_may_not_undo_money(
        self,
        the_bank: Any,
        asha: User,
        make_topup: MakeTopup,
        balance: Balance,
        state_of: StateOf,
        ends: str,
    ) -> None:
        topup = make_topup(asha)
        news = the_bank.payment(topup, status=ends)

        the_bank.tell(news, f"payment.{ends}")
        assert state_of(topup) == ends
        the_bank.tell(the_bank.payment(topup))
        assert state_of(topup) == "credited"
        the_bank.tell(news, f"payment.{ends}")

        assert state_of(topup) == "credited"
        assert balance(asha) == Money(500_00)
        assert [outcome for _, outcome in inbox()] == ["applied", "applied", "ignored"]

    def test_a_payment_nobody_asked_for_is_kept_and_credits_nobody(
        self, the_bank: Any, asha: User, balance: Balance
    ) -> None:
        for reference in (uuid4(), "somebody-else"):
            assert the_bank.tell(the_bank.payment(reference)).status_code == 200

        assert [outcome for _, outcome in inbox()] == ["orphan", "orphan"]
        assert balance(asha) == Money(0)

    def test_unknown_news_is_kept_and_left_alone(self, the_bank: Any) -> None:
        assert the_bank.tell({"anything": [1]}, "refund.succeeded").status_code == 200

        assert inbox() == [("refund.succeeded", "ignored")]

    def test_a_second_payment_for_one_topup_is_not_booked(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance
    ) -> None:
        topup = make_topup(asha)

        for _ in range(2):
            assert the_bank.tell(the_bank.payment(topup)).status_code == 200

        assert balance(asha) == Money(500_00)

    def test_one_payment_does_not_pay_two_topups(
        self, the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance, state_of: StateOf
    ) -> None:
        first, second = make_topup(asha), make_topup(asha)

        for topup in (first, second):
            assert the_bank.tell(the_bank.payment(topup, id="one")).status_code == 200

        assert balance(asha) == Money(500_00)
        assert state_of(second) == "pending"


@pytest.mark.commits
@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("ids", ["one", "many"])
def test_forty_deliveries_at_once_credit_once(
    the_bank: Any, asha: User, make_topup: MakeTopup, balance: Balance, state_of: StateOf, ids: str
) -> None:
    topup = make_topup(asha)
    payment = the_bank.payment(topup)
    message_ids = ["evt_1" if ids == "one" else f"evt_{n}" for n in range(40)]
    db.session.commit()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda id_: the_bank.tell(payment, message_id=id_), message_ids))

    assert {answer.status_code for answer in answers} == {200}
    assert balance(asha) == Money(500_00)
    assert state_of(topup) == "credited"
    assert db.session.scalar(select(func.count()).select_from(Transfer)) == 1
    assert [outcome for _, outcome in inbox()].count("applied") == 1
