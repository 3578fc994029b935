"""Settling: the takings go to the owner's bank less the fee, by request and every night."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, text, update

from batua_bank import demo
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.bank import BankAccount
from batua_db.models.payments import LinkedAccount, Merchant, Payout
from batua_db.models.people import Notice
from batua_db.models.wallet import Bank, Message, User
from batua_db.money import Money
from batua_dev.client import FreshClient
from batua_ui.filters import INDIA
from batua_user.house import fees, in_flight
from batua_user.payouts import asking
from batua_user.payouts import service as payouts
from batua_user.settlements import nightly
from batua_user.settlements.service import fee_of

from .helpers import PIN, MakeUser, SignIn, key_of, token_of
from .next_door import NextDoor
from .shops import id_of, moves, open_shop, pay, takings
from .the_bank import platform_at

ASHA = demo.CUSTOMERS[0]
KINDS = ("settlement", "settlement_fee", "settlement_paid", "settlement_returned", "fee_returned")


pytestmark = pytest.mark.commits


@pytest.mark.parametrize(
    ("paise", "bps", "fee"),
    [(1_00, 100, 1), (1_99, 100, 1), (99, 100, 0), (42_180_00, 100, 421_80), (333_33, 150, 4_99)],
)
def test_the_fee_is_rounded_down(paise: int, bps: int, fee: int) -> None:
    assert fee_of(Money(paise), Merchant(fee_bps=bps)) == Money(fee)


@pytest.fixture
def asha(make_user: MakeUser) -> User:
    """She has a business, and an account at the bank."""
    return make_user("Asha Rao")


@pytest.fixture
def shop(
    committed: object, door: NextDoor, asha: User, make_user: MakeUser, signed_in: SignIn, sbb: Bank
) -> Merchant:
    """Her business, with ₹500.55 that Ravi paid, and that the bank holds."""
    shop = open_shop(asha)
    ravi = make_user("Ravi Kumar", funds="2,000")
    with transaction():
        platform = platform_at("SBB")
        ledger.move(Money(2_000_00), debit=savings(), credit=platform, kind="payment", key="all")
    pay(signed_in(ravi), shop, "500.55")
    return shop


@pytest.fixture
def account(browser: FreshClient, shop: Merchant) -> UUID:
    """Her account at the bank, linked."""
    typed = {"bank": "SBB", "account_number": ASHA.account, "ifsc": ASHA.bank.ifsc}
    db.session.rollback()  # the server ends a transaction that idles while the bank is asked
    assert browser.submit("/bank-accounts", **typed, holder="Asha Rao").status_code == 303
    return db.session.scalars(select(LinkedAccount.id)).one()


def savings() -> UUID:
    return db.session.scalars(
        select(BankAccount.id).where(BankAccount.number == ASHA.account)
    ).one()


def settle(browser: FreshClient, account: UUID, amount: str = "500.55") -> str:
    db.session.rollback()
    answer = browser.submit("/merchant/settle", amount=amount, bank_account=str(account))
    assert answer.status_code == 303, answer.text
    return answer.location


def poll() -> None:
    with transaction():
        due = func.now() - timedelta(seconds=1)
        db.session.execute(update(Payout).where(Payout.check_at.is_not(None)).values(check_at=due))
    asking.poll()


def held() -> tuple[Money, Money]:
    """What is in flight, and what was earned."""
    db.session.commit()
    with transaction():
        return ledger.balance(in_flight()), ledger.balance(fees())


def at_night(hour: int = 1, minute: int = 1) -> datetime:
    """Of the coming night, in India."""
    tomorrow = datetime.now(UTC).astimezone(INDIA) + timedelta(days=1)
    return tomorrow.replace(hour=hour, minute=minute, second=0, microsecond=0)


class TestOnRequest:
    def test_it_leaves_the_takings_with_its_fee_and_reaches_the_bank(
        self, browser: FreshClient, shop: Merchant, account: UUID, door: NextDoor
    ) -> None:
        before = ledger.balance(savings())
        page = browser.get("/merchant/settle").text
        for shown in ("₹500.55", "₹5.00", "₹495.55", 'value="500.55"'):
            assert shown in page
        where = settle(browser, account)
        assert where.startswith("/merchant/settlements/")
        preview = browser.get(where).text
        for shown in ("₹495.55", "₹5.00", "State Bank of Batua ··4471", "₹0.00"):
            assert shown in preview
        assert takings(shop) == Money(500_55)

        assert browser.submit(where, pin=PIN).location == where

        assert (takings(shop), held()) == (Money(0), (Money(495_55), Money(5_00)))
        page = browser.get(where).text
        assert 'data-state="in_flight"' in page
        assert "It left your takings" in page
        door.work()
        poll()
        assert 'data-state="paid"' in browser.get(where).text
        assert held() == (Money(0), Money(5_00))
        assert ledger.balance(savings()) == before + Money(495_55)
        assert [kind for kind, _ in moves(*KINDS)] == [
            "settlement", "settlement_fee", "settlement_paid"
        ]  # fmt: skip
        assert "Paid" in browser.get("/merchant/settlements").text

    def test_the_owner_is_told(
        self, browser: FreshClient, asha: User, account: UUID, door: NextDoor
    ) -> None:
        browser.submit(settle(browser, account, "100"), pin=PIN)
        door.work()
        poll()

        texts = db.session.scalars(select(Message.text).where(Message.to == asha.phone)).all()
        assert any(
            each.startswith(
                "₹99.00 sent from the takings of Iyer Tiffin to State Bank of Batua ··4471."
                " Fee ₹1.00."
            )
            for each in texts
        )
        titles = db.session.scalars(select(Notice.title).where(Notice.user_id == asha.id)).all()
        assert "₹99.00 is in your bank account" in titles

    def test_what_the_bank_cannot_pay_comes_back_with_the_fee(
        self, browser: FreshClient, asha: User, shop: Merchant, account: UUID, door: NextDoor
    ) -> None:
        where = settle(browser, account)
        browser.submit(where, pin=PIN)
        with transaction():
            db.session.execute(text("UPDATE bank.account SET number = '1' || number"))
        door.work()
        poll()

        assert (takings(shop), held()) == (Money(500_55), (Money(0), Money(0)))
        page = browser.get(where).text
        assert 'data-state="returned"' in page
        assert "all of it is in your takings again" in page
        assert "Fee, given back" in page
        titles = db.session.scalars(select(Notice.title).where(Notice.user_id == asha.id)).all()
        assert "₹500.55 is back in your takings" in titles
        assert "Returned" in browser.get("/merchant/settlements").text
        transfer = db.session.scalars(select(Payout.outcome_id)).one()
        assert browser.get(f"/activity/{transfer}").location == where

    @pytest.mark.parametrize(
        ("amount", "sentence"),
        [("500.56", "₹0.01 short"), ("0.99", "The least"), ("0", "above zero"), ("", "amount")],
    )
    def test_amounts_that_cannot_be(
        self, browser: FreshClient, account: UUID, amount: str, sentence: str
    ) -> None:
        answer = browser.submit("/merchant/settle", amount=amount, bank_account=str(account))

        assert answer.status_code == 422
        assert sentence in answer.text

    def test_the_least_reaches_the_bank(
        self, browser: FreshClient, shop: Merchant, account: UUID
    ) -> None:
        browser.submit(settle(browser, account, "1"), pin=PIN)

        assert held() == (Money(99), Money(1))

    def test_repeats_are_one_settlement_and_other_terms_are_refused(
        self, browser: FreshClient, shop: Merchant, account: UUID
    ) -> None:
        page = browser.get("/merchant/settle")
        form = {"csrf_token": token_of(page), "key": key_of(page), "bank_account": str(account)}

        def ask(amount: str) -> Any:
            return browser.post("/merchant/settle", data={**form, "amount": amount})

        where = {ask("200").location, ask("200").location}.pop()
        assert ask("201").status_code == 409
        pin = {"csrf_token": form["csrf_token"], "pin": PIN}
        assert [browser.post(where, data=pin).location for _ in range(3)] == [where] * 3

        assert takings(shop) == Money(300_55)
        again = browser.submit(
            "/withdraw", amount="200", bank_account=str(account), key=form["key"]
        )
        assert again.status_code == 409

    def test_more_than_is_left_is_said_at_the_pin(
        self, browser: FreshClient, shop: Merchant, account: UUID
    ) -> None:
        first, second = settle(browser, account, "300"), settle(browser, account, "300")
        browser.submit(first, pin=PIN)

        answer = browser.submit(second, pin=PIN)

        assert answer.status_code == 422
        assert "short of this" in answer.text
        assert (takings(shop), held()) == (Money(200_55), (Money(297_00), Money(3_00)))

    @pytest.mark.parametrize(
        ("state", "sentence"), [("waiting", "Once it is approved"), ("refused", "not approved")]
    )
    def test_only_an_approved_business_settles(
        self, browser: FreshClient, shop: Merchant, account: UUID, state: str, sentence: str
    ) -> None:
        where = settle(browser, account)
        with transaction():
            db.session.execute(update(Merchant).values(state=state))

        answer = browser.submit(where, pin=PIN)

        assert answer.status_code == 422
        assert sentence in answer.text
        page = browser.get("/merchant/settle").text
        assert sentence in page
        assert 'name="amount"' not in page
        assert takings(shop) == Money(500_55)

    @pytest.mark.parametrize("whose", ["owner", "takings"])
    def test_what_is_frozen_stays(
        self, browser: FreshClient, asha: User, shop: Merchant, account: UUID, whose: str
    ) -> None:
        where = settle(browser, account)
        with transaction():
            frozen = asha.account_id if whose == "owner" else shop.account_id
            ledger.set_status(frozen, "frozen")

        answer = browser.submit(where, pin=PIN)

        assert answer.status_code == 422
        assert "frozen" in answer.text
        assert takings(shop) == Money(500_55)

    def test_an_account_that_was_removed_gets_nothing(
        self, browser: FreshClient, shop: Merchant, account: UUID
    ) -> None:
        where = settle(browser, account)
        browser.submit(f"/bank-accounts/{account}/remove", pin=PIN)

        answer = browser.submit(where, pin=PIN)

        assert answer.status_code == 422
        assert "can’t be used now" in answer.text

    def test_while_payouts_are_stopped_nothing_leaves(
        self, browser: FreshClient, shop: Merchant, account: UUID
    ) -> None:
        where = settle(browser, account)
        with transaction():
            payouts.halt("the books differ")
        assert browser.submit(where, pin=PIN).status_code == 503
        assert takings(shop) == Money(500_55)

        with transaction():
            payouts.resume()
        assert browser.submit(where, pin=PIN).status_code == 303

    def test_a_settlement_is_nobody_elses(
        self, browser: FreshClient, account: UUID, make_user: MakeUser, signed_in: SignIn
    ) -> None:
        where = settle(browser, account)
        mallory = make_user("Mallory")
        open_shop(mallory, "Mallory’s")
        thief = signed_in(mallory)
        form = {"csrf_token": token_of(thief.get("/settings")), "pin": PIN}

        assert thief.get(where).status_code == 404
        assert thief.post(where, data=form).status_code == 404
        assert browser.get(f"/withdraw/{id_of(where)}").status_code == 404


class TestNightly:
    @pytest.fixture
    def every_night(self, account: UUID, shop: Merchant) -> Merchant:
        with transaction():
            db.session.execute(update(Merchant).values(settle_to=account))
        ledger.fold()
        return shop

    def settled(self) -> list[Money]:
        db.session.commit()
        return list(db.session.scalars(select(Payout.amount).order_by(Payout.created_at)))

    def test_once_a_night_what_was_there_goes_to_the_bank(
        self, every_night: Merchant, door: NextDoor
    ) -> None:
        assert nightly.settle() == 0  # nothing was there at the hour that has passed
        with time_machine.travel(at_night(0, 59), tick=False):
            assert nightly.settle() == 0
        with time_machine.travel(at_night(), tick=False):
            assert [nightly.settle() for _ in range(3)] == [1, 0, 0]

        assert (takings(every_night), held()) == (Money(0), (Money(495_55), Money(5_00)))
        poll()
        door.work()
        poll()
        assert held() == (Money(0), Money(5_00))

    def test_what_comes_after_the_hour_waits_for_the_next_night(
        self, every_night: Merchant, make_user: MakeUser, sbb: Bank
    ) -> None:
        at = datetime.now(UTC)
        late = make_user("Meena", funds="10")
        with transaction():
            ledger.move(
                Money(10_00),
                debit=late.account_id,
                credit=every_night.account_id,
                kind="payment",
                key="late",
            )
        ledger.fold()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(nightly, "HOUR", at.astimezone(INDIA).time())
            assert nightly.settle() == 1

        assert self.settled() == [Money(495_55)]
        assert takings(every_night) == Money(10_00)

    def test_what_was_given_back_since_is_not_settled(
        self, every_night: Merchant, sbb: Bank
    ) -> None:
        at = datetime.now(UTC)
        with transaction():
            ledger.move(
                Money(400_55),
                debit=every_night.account_id,
                credit=sbb.float_account,
                kind="payment_refund",
                key="back",
            )

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(nightly, "HOUR", at.astimezone(INDIA).time())
            assert nightly.settle() == 1

        assert self.settled() == [Money(99_00)]
        assert takings(every_night) == Money(0)

    @pytest.mark.parametrize(
        "unless",
        [
            {"settle_nightly": False},
            {"settle_to": None},
            {"state": "waiting"},
            {"state": "refused"},
        ],
    )
    def test_only_who_wants_it_and_may(self, every_night: Merchant, unless: dict[str, Any]) -> None:
        with transaction():
            db.session.execute(update(Merchant).values(**unless))

        with time_machine.travel(at_night(), tick=False):
            assert nightly.settle() == 0
        assert takings(every_night) == Money(500_55)

    @pytest.mark.parametrize("whose", ["owner", "takings"])
    def test_what_is_frozen_stays(self, every_night: Merchant, asha: User, whose: str) -> None:
        with transaction():
            frozen = asha.account_id if whose == "owner" else every_night.account_id
            ledger.set_status(frozen, "frozen")

        with time_machine.travel(at_night(), tick=False):
            assert nightly.settle() == 0
        assert self.settled() == []

    def test_an_account_that_rests_gets_nothing(self, every_night: Merchant) -> None:
        with transaction():
            later = func.now() + timedelta(days=1)
            db.session.execute(update(LinkedAccount).values(usable_at=later))

        with time_machine.travel(at_night(), tick=False):
            assert nightly.settle() == 0

    def test_while_payouts_are_stopped_it_waits_and_then_goes_on(
        self, every_night: Merchant
    ) -> None:
        with transaction():
            payouts.halt("the books differ")
        with time_machine.travel(at_night(), tick=False):
            assert nightly.settle() == 0
        with transaction():
            payouts.resume()

        with time_machine.travel(at_night(6, 30), tick=False):
            assert nightly.settle() == 1

    def test_a_crash_before_the_commit_settles_nothing_and_the_next_try_all(
        self, every_night: Merchant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def dies(*_: object) -> None:
            raise KeyboardInterrupt

        with time_machine.travel(at_night(), tick=False):
            with monkeypatch.context() as patch:
                patch.setattr(payouts, "launch", dies)
                with pytest.raises(KeyboardInterrupt):
                    nightly.settle()
            assert self.settled() == []
            assert takings(every_night) == Money(500_55)
            assert nightly.settle() == 1
        assert held() == (Money(495_55), Money(5_00))

    def test_many_workers_settle_once(self, every_night: Merchant, user_app: Flask) -> None:
        from concurrent.futures import ThreadPoolExecutor
        from threading import Barrier

        together = Barrier(6)

        def work(_: int) -> int:
            with user_app.app_context():
                together.wait()
                return nightly.settle()

        with time_machine.travel(at_night(), tick=False), ThreadPoolExecutor(6) as pool:
            done = list(pool.map(work, range(6)))

        assert sum(done) == 1
        assert self.settled() == [Money(495_55)]
        assert held() == (Money(495_55), Money(5_00))
