"""Limits: what RBI allows a wallet, counted where the money moves."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, insert, select

from batua_db.database import db, transaction
from batua_db.models.people import LimitRule, Usage
from batua_db.models.wallet import User
from batua_db.money import Money
from batua_user.limits import periods, queries
from batua_user.limits.service import LimitReached, Use, count, rules, used

from .helpers import MakeUser

RUPEE = Money(100)


def rupees(n: int) -> Money:
    return Money(n * 100)


@pytest.mark.parametrize(
    ("day", "begins"),
    [
        (date(2026, 3, 31), date(2025, 4, 1)),
        (date(2026, 4, 1), date(2026, 4, 1)),
        (date(2027, 1, 1), date(2026, 4, 1)),
    ],
)
def test_a_financial_year_begins_in_april(day: date, begins: date) -> None:
    assert periods.financial_year(day) == begins


def test_a_day_begins_at_midnight_in_india() -> None:
    with time_machine.travel("2026-01-31T18:29:59Z", tick=False):
        assert periods.today() == date(2026, 1, 31)
    with time_machine.travel("2026-01-31T18:30:00Z", tick=False):
        assert periods.month(periods.today()) == date(2026, 2, 1)


@pytest.mark.usefixtures("session")
class TestRules:
    def test_they_are_what_rbi_says(self) -> None:
        assert rules("small") == {
            "load_month": rupees(10_000),
            "load_year": rupees(1_20_000),
            "balance": rupees(10_000),
        }
        assert rules("full")["balance"] == rupees(2_00_000)
        assert rules("full")["send_month"] == rupees(10_000)

    def test_each_names_its_source(self) -> None:
        assert all(source for source in db.session.scalars(select(LimitRule.source)))

    def test_a_later_row_holds_from_its_day_on(self) -> None:
        later = {"tier": "small", "what": "balance", "most": rupees(20_000), "source": "a test"}
        with transaction():
            db.session.execute(insert(LimitRule).values(valid_from=date(2030, 1, 1), **later))

        with time_machine.travel("2029-12-31T18:00:00Z", tick=False):
            assert rules("small")["balance"] == rupees(10_000)
        with time_machine.travel("2029-12-31T19:00:00Z", tick=False):
            assert rules("small")["balance"] == rupees(20_000)

    def test_nothing_holds_before_its_day(self) -> None:
        with time_machine.travel("2021-01-01", tick=False):
            assert rules("small") == {}


@pytest.mark.usefixtures("session")
class TestCount:
    def count(self, user: User, *uses: Use) -> None:
        with transaction():
            count(user.id, rules(user.tier), *uses)

    def test_up_to_the_limit_and_not_a_paisa_more(self, make_user: MakeUser) -> None:
        user = make_user(tier="small")
        self.count(user, Use("load_month", rupees(9_999)))
        self.count(user, Use("load_month", RUPEE))

        with pytest.raises(LimitReached, match=r"add ₹0\.00 more this month") as caught:
            self.count(user, Use("load_month", Money(1)))

        assert caught.value.field == "amount"
        assert used(user.id, Use("load_month", RUPEE)) == [rupees(10_000)]

    def test_what_is_refused_is_not_counted(self, make_user: MakeUser) -> None:
        user = make_user(tier="small")

        with pytest.raises(LimitReached, match=r"add ₹10,000\.00 more"):
            self.count(user, Use("load_year", RUPEE), Use("load_month", rupees(10_001)))

        assert db.session.scalar(select(func.count()).select_from(Usage)) == 0

    def test_a_new_month_counts_anew_and_the_year_goes_on(self, make_user: MakeUser) -> None:
        user = make_user(tier="small")
        both = (Use("load_month", rupees(10_000)), Use("load_year", rupees(10_000)))
        with time_machine.travel("2026-05-31T18:00:00Z", tick=False):
            self.count(user, *both)
        with time_machine.travel("2026-05-31T19:00:00Z", tick=False):
            self.count(user, Use("load_month", rupees(10_000)), Use("load_year", rupees(10_000)))
            assert used(user.id, Use("load_year", RUPEE)) == [rupees(20_000)]

    def test_a_limit_for_each_payee_is_each_payees(self, make_user: MakeUser) -> None:
        user = make_user()
        for _ in range(2):
            self.count(user, Use("send_payee_month", rupees(2_00_000), whose=uuid4()))

    def test_what_has_no_limit_is_not_counted(self, make_user: MakeUser) -> None:
        user = make_user()

        self.count(user, Use("load_month", rupees(10_00_000)))

        assert db.session.scalar(select(func.count()).select_from(Usage)) == 0

    def test_one_persons_use_is_not_anothers(self, make_user: MakeUser) -> None:
        asha, ravi = make_user(tier="small"), make_user(tier="small")
        self.count(asha, Use("load_month", rupees(10_000)))

        self.count(ravi, Use("load_month", rupees(10_000)))


@pytest.mark.usefixtures("session")
class TestAllowances:
    def test_a_small_wallet_loads_and_holds_so_much(self, make_user: MakeUser) -> None:
        user = make_user(tier="small", funds="2,500")
        with transaction():
            count(user.id, rules("small"), Use("load_month", rupees(6_800)))

        found = {each.what: (each.used, each.left) for each in queries.allowances(user)}

        assert found == {
            "load_month": (rupees(6_800), rupees(3_200)),
            "load_year": (Money(0), rupees(1_20_000)),
            "balance": (rupees(2_500), rupees(7_500)),
        }
        room = queries.room_to_load(user)
        assert room
        assert (room.what, room.left) == ("load_month", rupees(3_200))

    def test_a_full_wallet_is_bound_by_what_it_holds(self, make_user: MakeUser) -> None:
        room = queries.room_to_load(make_user(funds="500"))

        assert room
        assert (room.what, room.left) == ("balance", rupees(1_99_500))


@pytest.mark.commits
@pytest.mark.usefixtures("committed")
def test_of_thirty_at_once_ten_pass(user_app: Flask, make_user: MakeUser) -> None:
    user_id = make_user(tier="small").id

    def load(_: int) -> bool:
        with user_app.app_context():
            try:
                with transaction():
                    count(user_id, rules("small"), Use("load_month", rupees(1_000)))
            except LimitReached:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(load, range(30)))

    assert passed.count(True) == 10
    assert used(user_id, Use("load_month", RUPEE)) == [rupees(10_000)]
