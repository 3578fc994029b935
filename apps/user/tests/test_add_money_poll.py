"""Asking the bank: a webhook that never comes loses nothing."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from batua_db.database import db, transaction
from batua_db.models.wallet import Topup, User
from batua_db.money import Money
from batua_user.topups import polling, service

from .helpers import MakeTopup, make_due

ANSWERS: dict[str, Callable[[Any], None]] = {
    "silent": lambda bank: bank.says(500, {}),
    "busy": lambda bank: bank.refuses(503),
    "unknown": lambda bank: bank.refuses(404),
    "nothing yet": lambda bank: bank.knows("succeeded"),
}


def end(topup_id: UUID, state: Any) -> None:
    with transaction():
        topup = service.lock(topup_id)
        assert topup
        service.close(topup, state)


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

    @pytest.mark.parametrize(("ended", "session_id"), [("expired", "s-1"), ("failed", None)])
    def test_money_captured_late_is_found_without_a_webhook(
        self,
        asha: User,
        make_topup: MakeTopup,
        bank: Any,
        the_bank: Any,
        balance: Callable[[User], Money],
        state_of: Callable[[UUID], str],
        ended: Any,
        session_id: str | None,
    ) -> None:
        topup = make_topup(asha, session_id=session_id)
        end(topup, ended)
        bank.knows("expired", [the_bank.payment(topup)])
        make_due()

        assert polling.poll() == 1

        assert state_of(topup) == "credited"
        assert balance(asha) == Money(500_00)
        assert {method for method, *_ in bank.asked} == {"GET"}

    @pytest.mark.parametrize("ended", ["expired", "failed"])
    def test_what_ended_is_asked_about_twice_more(
        self, asha: User, make_topup: MakeTopup, bank: Any, ended: Any
    ) -> None:
        topup = make_topup(asha)
        bank.knows("expired")
        waits = []
        end(topup, ended)
        for _ in range(3):
            left = select(Topup.check_at - func.clock_timestamp()).where(Topup.id == topup)
            wait = db.session.scalars(left).one()
            waits.append(wait and round(wait.total_seconds()))
            make_due()
            polling.poll()

        assert waits == [10 * 60, 24 * 3600, None]
        assert len(bank.asked) == 2

    def test_what_was_declined_is_over(self, asha: User, make_topup: MakeTopup, bank: Any) -> None:
        end(make_topup(asha), "declined")
        make_due()

        assert polling.poll() == 0
