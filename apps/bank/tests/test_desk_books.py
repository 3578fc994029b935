"""What the desk reads: payments and payouts, the trial balance, the report of a day, banks."""

import csv
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from batua_bank import demo
from batua_bank.desk.books import days, queries
from batua_bank.desk.reversals import service as reversals
from batua_bank.payouts import service as payouts
from batua_bank.refunds import service as refunds
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import NotFound
from batua_db.models.bank import Bank
from batua_db.models.clients import Platform
from batua_db.models.outgoing import Payout
from batua_db.money import Money
from batua_dev.client import FreshClient

from .desk import AccountOf, AtDesk, GetStaff, acts, deposit, inr, pay

pytestmark = pytest.mark.usefixtures("banks")

RAVI = {"account_number": "018100009020", "ifsc": "SBBB0000181", "holder": "Ravi Kumar"}
MEERA = {"account_number": "004200001187", "ifsc": "CCBK0000042", "holder": "Meera Pillai"}


def pay_out(amount: str, to: dict[str, str], reference: str) -> Payout:
    order = payouts.Order(amount=inr(amount), bank="SBB", reference=reference, **to)
    with transaction():
        made = payouts.order("wallet", order).id
    payouts.carry_out()
    return db.session.get_one(Payout, made)


@pytest.fixture
def busy(
    api: Any, customer: Callable[..., FreshClient], approval: Any, staff: GetStaff,
    account_of: AccountOf,
) -> dict[str, Any]:  # fmt: skip
    """A day with one of everything: a payment, a refund, two payouts, cash, a reversal."""
    payment = pay(api, customer, approval)
    with transaction():
        refunds.refund("wallet", payment.id, amount=inr("50"), reason="Too much")
    own = pay_out("30", RAVI, "p-1")
    pay_out("20", MEERA, "p-2")
    pay_out("10", {**MEERA, "holder": "Another"}, "p-3")
    moved = deposit(staff(), account_of(), "1000")
    terms = {"amount": inr("400"), "reason": "Counted twice", "key": uuid4()}
    proposed = reversals.propose(staff(), moved, **terms)
    reversals.decide(staff("supervisor"), proposed, approve=True, reason="It is right")
    return {"payment": payment, "payout": own}


def test_a_payment_is_told_step_by_step(at_desk: AtDesk, busy: dict[str, Any]) -> None:
    payment = busy["payment"]
    page = at_desk("auditor").get(f"/desk/payments/{payment.session_id}").text

    for told in ("Batua asked", "Approved with the MPIN", "Asha Rao", "Refunded",
                 "₹450.00", payment.reference, "payment.succeeded"):  # fmt: skip
        assert told in page, told
    assert "refund.succeeded" in page
    assert str(payment.session_id) in at_desk("auditor").get("/desk/payments").text


def test_a_payout_is_told(at_desk: AtDesk, busy: dict[str, Any]) -> None:
    desk = at_desk("auditor")
    page = desk.get(f"/desk/payouts/{busy['payout'].id}").text
    listed = desk.get("/desk/payouts").text

    assert "payout.succeeded" in page
    assert "0181 0000 9020" in page
    for name in ("Ravi Kumar", "Meera Pillai", "Another"):
        assert name in listed
    failed = db.session.scalars(select(Payout).where(Payout.reference == "p-3")).one()
    assert "Holder mismatch" in desk.get(f"/desk/payouts/{failed.id}").text


def test_the_trial_balance_of_each_bank_sums_to_zero(at_desk: AtDesk, busy: Any) -> None:
    for _ in range(2):  # with what waits on hot accounts, and without
        trials = {trial.bank.code: trial for trial in queries.trials()}
        assert [trial.sum for trial in trials.values()] == [Money(0), Money(0)]
        holds = {line.kind: line.holds for line in trials["SBB"].lines}
        assert holds["cash"] == -(demo.FUNDS + demo.FUNDS + inr("600"))
        assert holds[":wallet"] == inr("400")
        assert trials["SBB"].between == inr("20")
        assert trials["CCB"].between == -inr("20")
        ledger.fold()
    page = at_desk("auditor").get("/desk/books").text
    assert page.count('data-sum="0"') == 2


def test_the_trial_balance_sees_what_went_astray(busy: Any) -> None:
    """Only payouts explain money between banks: anything else shows."""
    sbb, ccb = (db.session.get_one(Bank, code) for code in ("SBB", "CCB"))
    with transaction():
        ledger.move(
            inr("7"), debit=sbb.cash_account, credit=ccb.cash_account, kind="cash", key="astray"
        )

    assert {abs(trial.sum) for trial in queries.trials()} == {inr("7")}


class TestDay:
    def test_it_tells_what_there_was_what_moved_and_what_is_left(self, busy: Any) -> None:
        day = days.day("SBB", days.today())

        stood = {each.label: each for each in day.standings}
        assert stood["Batua, platform"].came == inr("500")
        assert stood["Batua, platform"].went == inr("100")
        assert stood["Batua, platform"].closing == inr("400")
        assert stood["Customers"].opening == Money(0)
        assert stood["Customers"].closing == demo.FUNDS + demo.FUNDS + inr("180")
        flows = {each.label: (each.count, each.amount) for each in day.flows}
        assert flows == {
            "Cash paid in: Cash → Customers": (3, demo.FUNDS + demo.FUNDS + inr("1000")),
            "Payments: Customers → Batua, platform": (1, inr("500")),
            "Refunds: Batua, platform → Customers": (1, inr("50")),
            "Payouts: Batua, platform → Customers": (1, inr("30")),
            "Payouts: Batua, platform → Customers at CCB": (1, inr("20")),
            "Reversals: Customers → Cash": (1, inr("400")),
        }

    def test_one_day_ends_where_the_next_begins(
        self, busy: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        today = days.today()
        monkeypatch.setattr(days, "today", lambda: today + timedelta(days=1))

        yesterday, now, tomorrow = (
            days.day("SBB", today + timedelta(days=step)) for step in (-1, 0, 1)
        )

        assert [each.closing for each in yesterday.standings] == [
            each.opening for each in now.standings
        ]
        assert [each.closing for each in now.standings] == [
            each.opening for each in tomorrow.standings
        ]
        assert not yesterday.flows
        assert not tomorrow.flows
        assert yesterday.over
        assert not now.over

    def test_a_day_that_is_over_stays_as_it_is(
        self, busy: Any, staff: GetStaff, account_of: AccountOf
    ) -> None:
        yesterday = days.today() - timedelta(days=1)
        before = days.day("SBB", yesterday)

        deposit(staff(), account_of(), "5")
        ledger.fold()

        assert days.day("SBB", yesterday) == before

    def test_a_table_of_it(self, at_desk: AtDesk, busy: Any) -> None:
        answer = at_desk("auditor").get(f"/desk/books/SBB/{days.today()}.csv")

        assert answer.content_type == "text/csv; charset=utf-8"
        assert "attachment" in answer.headers["Content-Disposition"]
        rows = list(csv.DictReader(StringIO(answer.text.removeprefix("\ufeff"))))
        cash = next(row for row in rows if row["what"] == "Cash")
        assert cash["closing"] == "-100600.00"
        paid = next(row for row in rows if row["what"].startswith("Payments"))
        assert (paid["count"], paid["in"]) == ("1", "500.00")

    @pytest.mark.parametrize(
        "path", ["XXX/2026-01-02", "SBB/2999-01-01", "SBB/1999-01-01", "SBB/yesterday"]
    )
    def test_days_that_are_not_there(self, at_desk: AtDesk, path: str) -> None:
        assert at_desk().get(f"/desk/books/{path}").status_code == 404
        assert at_desk().get(f"/desk/books/{path}.csv").status_code == 404

    def test_the_chosen_day_is_shown(self, at_desk: AtDesk) -> None:
        desk = at_desk()

        assert desk.get("/desk/books/day?bank=SBB&on=2026-01-02").location.endswith(
            "/desk/books/SBB/2026-01-02"
        )
        assert desk.get("/desk/books/day?bank=SBB&on=").status_code == 404
        assert desk.get("/desk/books/SBB/2026-01-02").status_code == 200
        with pytest.raises(NotFound):
            days.day("XXX", days.today())


class TestBanks:
    def test_a_new_bank_has_cash_and_an_account_of_every_platform(
        self, at_desk: AtDesk, other_client: str
    ) -> None:
        boss = at_desk("supervisor")

        sent = boss.submit(
            "/desk/banks/new", name="Bank of the Hills", code="boh", ifsc_prefix="bohi",
            reason="Licence of May",
        )  # fmt: skip

        assert sent.status_code == 303
        db.session.commit()
        platforms = select(Platform.client_id).where(Platform.bank_code == "BOH")
        assert set(db.session.scalars(platforms)) == {"wallet", other_client}
        assert "Bank of the Hills" in boss.get("/desk/banks").text
        assert acts("BOH") == ["open_bank"]
        page = boss.submit(
            "/desk/customers/new", bank="BOH", name="Zoya Khan", reason="Passport seen"
        )
        assert page.status_code == 200
        assert [trial.sum for trial in queries.trials()] == [Money(0)] * 3

    @pytest.mark.parametrize(
        "typed",
        [{"code": "SBB"}, {"ifsc_prefix": "SBBB"}, {"code": "S1"}, {"ifsc_prefix": "ABC"}],
    )
    def test_what_is_another_bank_or_none(self, at_desk: AtDesk, typed: dict[str, str]) -> None:
        good = {"name": "Hills", "code": "BOH", "ifsc_prefix": "BOHI", "reason": "Licence"}

        page = at_desk("supervisor").submit("/desk/banks/new", **(good | typed))

        assert page.status_code == 422
        assert len(queries.trials()) == 2


def test_accounts_of_any_kind_have_a_statement(
    at_desk: AtDesk, busy: Any, platform: Callable[..., UUID]
) -> None:
    desk, cash = at_desk("auditor"), db.session.get_one(Bank, "SBB").cash_account
    ledger.fold()

    assert "Batua at State Bank of Batua" in desk.get(f"/desk/accounts/{platform()}").text
    page = desk.get(f"/desk/accounts/{cash}").text
    assert "Cash of State Bank of Batua" in page
    assert "Put right by the bank" in page
