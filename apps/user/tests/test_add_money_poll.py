"""Asking the bank: a webhook that never comes loses nothing."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from batua_db.database import db
from batua_db.models.wallet import Topup, User
from batua_db.money import Money
from batua_user.topups import polling

from .helpers import MakeTopup, make_due

ANSWERS: dict[str, Callable[[Any], None]] = {
    "silent": lambda bank: bank.says(500, {}),
    "busy": lambda bank: bank.refuses(503),
    "unknown": lambda bank: bank.refuses(404),
    "nothing yet": lambda bank: bank.knows("succeeded"),
}


@pytest.mark.usefixtures("session")
class TestPoll:
    def test_a_webhook_that_never_comes_loses_nothing(
        self,
        asha: User,
        make_topup: MakeTopup,
        bank: Any,
        the_bank: Any,
        balance: Callable[[User], Money],
        state_of: Callable[[UUID], str],
    ) -> None:
        topup = make_topup(asha)
        payment = the_bank.payment(topup)
        bank.knows("succeeded", [payment])
        make_due()

        assert polling.poll() == 1
        assert state_of(topup) == "credited"
        assert polling.poll() == 0
        the_bank.tell(payment)

        assert balance(asha) == Money(500_00)

    @pytest.mark.parametrize("status", ["declined", "expired"])
    def test_what_ended_ends(
        self,
        asha: User,
        make_topup: MakeTopup,
        bank: Any,
        state_of: Callable[[UUID], str],
        status: str,
    ) -> None:
        topup = make_topup(asha)
        bank.knows(status, [])
        make_due()

        polling.poll()

        assert state_of(topup) == status

    def test_questions_become_rarer(self, asha: User, make_topup: MakeTopup, bank: Any) -> None:
        topup = make_topup(asha)
        bank.knows("open", [])
        waits = []
        for _ in range(6):
            make_due()
            polling.poll()
            left = select(Topup.check_at - func.clock_timestamp()).where(Topup.id == topup)
            waits.append(round(db.session.scalars(left).one().total_seconds()))

        assert waits == [10, 20, 40, 60, 60, 60]

    def test_nothing_is_asked_before_its_time(
        self, asha: User, make_topup: MakeTopup, bank: Any
    ) -> None:
        make_topup(asha)

        assert polling.poll() == 0
        assert bank.asked == []

    @pytest.mark.parametrize("answer", ["silent", "unknown", "nothing yet"])
    def test_without_an_answer_it_stays_pending(
        self,
        asha: User,
        make_topup: MakeTopup,
        bank: Any,
        state_of: Callable[[UUID], str],
        answer: str,
    ) -> None:
        topup = make_topup(asha)
        ANSWERS[answer](bank)
        make_due()

        polling.poll()

        assert state_of(topup) == "pending"

    def test_a_payment_of_another_reference_is_not_taken(
        self,
        asha: User,
        make_topup: MakeTopup,
        bank: Any,
        the_bank: Any,
        state_of: Callable[[UUID], str],
    ) -> None:
        topup = make_topup(asha)
        bank.knows("succeeded", [the_bank.payment(uuid4())])
        make_due()

        polling.poll()

        assert state_of(topup) == "pending"
