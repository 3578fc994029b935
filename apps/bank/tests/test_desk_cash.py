"""Cash at the desk, frozen and closed accounts, and taking back what was booked wrongly."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from batua_bank import demo
from batua_bank.desk.accounts import service
from batua_bank.desk.reversals import service as reversals
from batua_db import ledger
from batua_db.database import db
from batua_db.errors import Conflict, DomainError, IdempotencyMismatch, Refused
from batua_db.models.bank_desk import Act, Reversal, Staff
from batua_db.models.ledger import Transfer
from batua_dev.client import FreshClient
from batua_dev.testing import Committed

from .desk import AccountOf, AtDesk, GetStaff, acts, deposit, inr, pay

HELD = demo.FUNDS


def book(clerk: Staff, account: UUID, way: str, amount: str, key: UUID | None = None) -> UUID:
    terms = {"way": way, "amount": inr(amount), "note": "Over the counter", "key": key or uuid4()}
    return service.cash(clerk, account, **terms)


@pytest.mark.usefixtures("banks")
class TestCash:
    def test_in_and_out_from_the_page(
        self, at_desk: AtDesk, account_of: AccountOf, customer: Callable[..., FreshClient]
    ) -> None:
        desk, account = at_desk(), account_of()
        path = f"/desk/accounts/{account}/cash"

        moved = desk.submit(path, way="in", amount="1,000.50", note="Sold the cow")
        desk.submit(path, way="out", amount="200", note="For the wedding")

        assert moved.location.startswith("/desk/movements/")
        assert ledger.balance(account) == HELD + inr("800.50")
        page = customer().get("/accounts").text
        assert "Sold the cow" in page
        assert "For the wedding" in page
        assert acts(account) == ["cash_in", "cash_out"]

    def test_once_per_key(self, staff: GetStaff, account_of: AccountOf) -> None:
        clerk, account, key = staff(), account_of(), uuid4()

        assert book(clerk, account, "in", "10", key) == book(clerk, account, "in", "10", key)

        with pytest.raises(IdempotencyMismatch):
            book(clerk, account, "in", "11", key)
        with pytest.raises(IdempotencyMismatch):
            book(clerk, account, "out", "10", key)
        assert ledger.balance(account) == HELD + inr("10")
        assert acts(account) == ["cash_in"]

    def test_no_more_than_there_is(self, at_desk: AtDesk, account_of: AccountOf) -> None:
        account = account_of()

        page = at_desk().submit(
            f"/desk/accounts/{account}/cash", way="out", amount="50,000.01", note="All of it"
        )

        assert page.status_code == 422
        assert "Only ₹50,000.00 is in the account." in page.text
        assert "50,000.01" in page.text
        assert ledger.balance(account) == HELD
        assert not acts(account)

    @pytest.mark.parametrize("amount", ["", "0", "-5", "1e3", "5.001", "99,99,99,999"])
    def test_amounts_nobody_can_book(
        self, at_desk: AtDesk, account_of: AccountOf, amount: str
    ) -> None:
        path = f"/desk/accounts/{account_of()}/cash"

        assert at_desk().submit(path, way="in", amount=amount, note="Sold").status_code == 422

    def test_cash_is_for_customers_accounts(
        self, at_desk: AtDesk, platform: Callable[..., UUID]
    ) -> None:
        assert at_desk().get(f"/desk/accounts/{platform()}/cash").status_code == 404
        assert at_desk().get(f"/desk/accounts/{platform()}/status").status_code == 404
        assert at_desk().get(f"/desk/accounts/{platform()}").status_code == 200


@pytest.mark.usefixtures("banks")
class TestStatus:
    def test_frozen_takes_and_does_not_give(
        self, at_desk: AtDesk, staff: GetStaff, account_of: AccountOf
    ) -> None:
        account, clerk = account_of(), staff()
        path = f"/desk/accounts/{account}/status"
        assert at_desk().submit(path, becomes="frozen", reason="Reported lost").status_code == 303

        book(clerk, account, "in", "10")
        with pytest.raises(ledger.AccountFrozen):
            book(clerk, account, "out", "10")
        with pytest.raises(Conflict):
            service.set_status(clerk, account, status="frozen", reason="Once more")
        service.set_status(clerk, account, status="open", reason="Found again")
        book(clerk, account, "out", "10")

        assert acts(account) == ["freeze", "cash_in", "unfreeze", "cash_out"]

    def test_only_empty_accounts_close_and_stay_closed(
        self, at_desk: AtDesk, staff: GetStaff, account_of: AccountOf
    ) -> None:
        account, clerk, desk = account_of(), staff(), at_desk()
        path = f"/desk/accounts/{account}/status"
        page = desk.submit(path, becomes="closed", reason="Moves abroad")
        assert page.status_code == 422
        assert "still money in this account" in page.text

        book(clerk, account, "out", "50,000")
        assert desk.submit(path, becomes="closed", reason="Moves abroad").status_code == 303

        with pytest.raises(ledger.AccountClosed):
            book(clerk, account, "in", "1")
        with pytest.raises(Refused):
            service.set_status(clerk, account, status="open", reason="Came back")
        assert "closed, for good" in desk.get(path).text
        assert acts(account) == ["cash_out", "close"]


@pytest.fixture
def paid_in(banks: None, staff: GetStaff, account_of: AccountOf) -> UUID:
    """₹1,000 of Asha's, paid in at the desk."""
    return deposit(staff(), account_of())


class TestReversals:
    def propose(self, clerk: Staff, transfer: UUID, amount: str = "1000") -> UUID:
        terms = {"amount": inr(amount), "reason": "Counted twice", "key": uuid4()}
        return reversals.propose(clerk, transfer, **terms)

    def test_one_proposes_and_another_makes_it(
        self, at_desk: AtDesk, paid_in: UUID, account_of: AccountOf
    ) -> None:
        desk = at_desk()
        page = desk.submit(
            f"/desk/reversals/of/{paid_in}", amount="400", reason="Four notes were false"
        ).location
        assert "It waits for a colleague" in desk.get(page).text
        assert ledger.balance(account_of()) == HELD + inr("1000")

        boss = at_desk("supervisor")
        assert "Reversals to decide" in boss.get("/desk").text
        assert boss.submit(page, decision="approve", reason="Looked at them").status_code == 303

        assert ledger.balance(account_of()) == HELD + inr("600")
        assert 'data-state="made"' in boss.get(page).text
        assert "₹400.00" in boss.get(f"/desk/movements/{paid_in}").text
        assert acts(paid_in) == ["propose_reversal", "make_reversal"]

    def test_nobody_decides_their_own(self, paid_in: UUID, staff: GetStaff) -> None:
        boss = staff("supervisor")
        proposed = self.propose(boss, paid_in)

        with pytest.raises(Refused, match="a colleague decides"):
            reversals.decide(boss, proposed, approve=True, reason="It is right")

        row = db.session.get_one(Reversal, proposed)
        row.state, row.decided_by = "made", boss.id
        with pytest.raises(IntegrityError, match="ck_reversal_four_eyes"):
            db.session.flush()
        db.session.rollback()

    def test_never_more_than_is_left(
        self, paid_in: UUID, staff: GetStaff, account_of: AccountOf
    ) -> None:
        clerk, boss = staff(), staff("supervisor")
        first = self.propose(clerk, paid_in, "700")
        with pytest.raises(Refused, match="Only ₹300"):
            self.propose(clerk, paid_in, "300.01")
        second = self.propose(clerk, paid_in, "300")
        for each in (first, second, first):  # the same word again changes nothing
            reversals.decide(boss, each, approve=True, reason="It is right")

        assert ledger.balance(account_of()) == HELD
        with pytest.raises(Conflict):
            reversals.decide(boss, first, approve=False, reason="Or rather not")

    def test_what_is_spent_stays_proposed(
        self, paid_in: UUID, staff: GetStaff, account_of: AccountOf
    ) -> None:
        proposed = self.propose(staff(), paid_in)
        book(staff(), account_of(), "out", "50,500")

        with pytest.raises(Refused, match="is missing in the account"):
            reversals.decide(staff("supervisor"), proposed, approve=True, reason="It is right")

        db.session.rollback()
        assert db.session.get_one(Reversal, proposed).state == "proposed"
        reversals.decide(staff("supervisor"), proposed, approve=False, reason="It is spent")
        assert ledger.balance(account_of()) == inr("500")

    def test_cash_paid_out_comes_back_even_to_a_frozen_account(
        self, banks: None, staff: GetStaff, account_of: AccountOf
    ) -> None:
        paid_out = book(staff(), account_of(), "out", "100")
        service.set_status(staff(), account_of(), status="frozen", reason="Reported lost")
        proposed = self.propose(staff(), paid_out, "100")

        reversals.decide(staff("supervisor"), proposed, approve=True, reason="Never left")

        assert ledger.balance(account_of()) == HELD

    def test_what_a_platform_was_paid_is_not_ours_to_take_back(
        self, banks: None, at_desk: AtDesk, staff: GetStaff, api: Any,
        customer: Callable[..., FreshClient], approval: Any,
    ) -> None:  # fmt: skip
        payment = pay(api, customer, approval)

        page = at_desk().get(f"/desk/reversals/of/{payment.transfer_id}")

        assert page.status_code == 422
        assert "when its platform refunds it" in page.text
        assert "Propose" not in at_desk().get(f"/desk/movements/{payment.transfer_id}").text
        with pytest.raises(Refused):
            self.propose(staff(), payment.transfer_id, "1")


@pytest.mark.commits
def test_many_at_once_book_once(
    committed_banks: Committed, staff: GetStaff, account_of: AccountOf
) -> None:
    clerk, account, key = staff(), account_of(), uuid4()
    clerk_id = clerk.id
    everybody = Barrier(8)

    def press(_: int) -> UUID:
        with committed_banks.app.app_context():
            me = db.session.get_one(Staff, clerk_id)
            everybody.wait()
            return book(me, account, "in", "10", key)

    with ThreadPoolExecutor(8) as pool:
        moved = set(pool.map(press, range(8)))

    assert len(moved) == 1
    db.session.rollback()
    assert ledger.balance(account) == HELD + inr("10")
    assert db.session.scalars(select(func.count()).select_from(Act)).one() == 1


@pytest.mark.commits
def test_two_supervisors_at_once_make_it_once(
    committed_banks: Committed, staff: GetStaff, account_of: AccountOf
) -> None:
    from batua_bank.desk.tables import DESK
    from batua_db.staffing import hire

    hire(DESK, "second", name="Second", role="supervisor", password="a lamp on every desk")
    account = account_of()
    moved = deposit(staff(), account)
    proposed = reversals.propose(
        staff(), moved, amount=inr("1000"), reason="Counted twice", key=uuid4()
    )
    bosses = [staff("supervisor").id, staff("second").id]
    db.session.commit()
    both = Barrier(2)

    def decide(boss: UUID) -> bool:
        with committed_banks.app.app_context():
            me = db.session.get_one(Staff, boss)
            both.wait()
            try:
                reversals.decide(me, proposed, approve=True, reason="It is right")
            except DomainError:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, bosses)) == [False, True]

    db.session.rollback()
    assert ledger.balance(account) == HELD
    back = select(func.count()).select_from(Transfer).where(Transfer.reverses == moved)
    assert db.session.scalars(back).one() == 1
