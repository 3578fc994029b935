"""Withdrawing to one's own bank: linked, taken, paid once or back, whatever breaks."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from batua_bank import demo
from batua_db import fields, ledger
from batua_db.database import db, transaction
from batua_db.models.bank import BankAccount
from batua_db.models.desk import Halt
from batua_db.models.ledger import Transfer
from batua_db.models.payments import LinkedAccount, Payout
from batua_db.models.people import Notice
from batua_db.models.wallet import Message, User
from batua_db.money import Money
from batua_dev.client import FreshClient, fresh_client
from batua_user.house import in_flight
from batua_user.payouts import asking, service

from .helpers import Balance, MakeUser, SignIn, cookie_of, token_of
from .next_door import NextDoor
from .the_bank import platform_at

ASHA = demo.CUSTOMERS[0]
pytestmark = [pytest.mark.commits, pytest.mark.usefixtures("committed", "door")]


@pytest.fixture
def asha(make_user: MakeUser) -> User:
    """Asha, with ₹2,000 that the bank holds for her."""
    user = make_user("Asha Rao", funds="2,000")
    with transaction():
        platform = platform_at("SBB")
        ledger.move(Money(2_000_00), debit=savings(), credit=platform, kind="payment", key="asha")
    return user


@pytest.fixture
def account(browser: FreshClient, asha: User) -> UUID:
    """Her account at the bank, linked."""
    assert link(browser).status_code == 303
    return db.session.scalars(select(LinkedAccount.id)).one()


def savings(number: str = ASHA.account) -> UUID:
    return db.session.scalars(select(BankAccount.id).where(BankAccount.number == number)).one()


def link(browser: FreshClient, **other: str) -> Any:
    typed = {
        "bank": "SBB",
        "account_number": ASHA.account,
        "ifsc": ASHA.bank.ifsc,
        "holder": "Asha Rao",
        **other,
    }
    return browser.submit("/bank-accounts", **typed)


def prepare(browser: FreshClient, account: UUID, amount: str = "500") -> str:
    answer = browser.submit("/withdraw", amount=amount, bank_account=str(account))
    assert answer.status_code == 303, answer.text
    return answer.location


def state_of(where: str) -> str:
    db.session.commit()
    return db.session.scalars(
        select(Payout.state).where(Payout.id == UUID(where.rpartition("/")[2]))
    ).one()


def news(where: str, **other: Any) -> dict[str, Any]:
    """What the bank tells of the payout with this page, ₹500.00 that it has paid."""
    return {
        "reference": where.rpartition("/")[2],
        "amount": 500_00,
        "currency": "INR",
        "bank": "SBB",
        "status": "succeeded",
        "failure": None,
        "id": other.pop("id", None) or name_of(where),
        **other,
    }


def name_of(where: str) -> str:
    """What the bank calls a payout."""
    db.session.commit()
    ours = Payout.id == UUID(where.rpartition("/")[2])
    return db.session.scalars(select(Payout.bank_payout_id).where(ours)).one() or ""


def due() -> None:
    with transaction():
        due = func.now() - timedelta(seconds=1)
        db.session.execute(update(Payout).where(Payout.check_at.is_not(None)).values(check_at=due))


def poll() -> None:
    due()
    asking.poll()


def kinds() -> Counter[str]:
    db.session.commit()
    ours = Transfer.kind.startswith("withdrawal") & (Transfer.book == "wallet")
    return Counter(db.session.scalars(select(Transfer.kind).where(ours)))


def flying() -> Money:
    db.session.commit()
    with transaction():
        return ledger.balance(in_flight())


class TestLinking:
    def test_the_bank_confirms_the_holder(self, browser: FreshClient, asha: User) -> None:
        assert link(browser, account_number="0181 0000 4471").status_code == 303

        row = db.session.scalars(select(LinkedAccount)).one()
        assert (row.last_digits, row.holder) == ("4471", "Asha Rao")
        assert ASHA.account.encode() not in row.number_sealed + row.number_hash
        assert fields.reveal(row.number_sealed) == ASHA.account
        page = browser.get("/bank-accounts").text
        assert "State Bank of Batua ··4471" in page
        assert ASHA.account not in page
        (told,) = db.session.scalars(select(Message.text).where(Message.to == asha.phone))
        assert "ending in 4471" in told

    def test_linking_it_twice_is_linking_it_once(self, browser: FreshClient) -> None:
        link(browser)
        link(browser)

        assert db.session.scalar(select(func.count()).select_from(LinkedAccount)) == 1

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"holder": "Ravi Kumar"}, "Link an account of your own"),
            ({"account_number": "018100009020"}, "no such account in this name"),
            ({"account_number": "999999999999"}, "no such account in this name"),
            ({"account_number": "12345678"}, "9 to 18 digits"),
            ({"account_number": "०१८१००००४४७१"}, "9 to 18 digits"),
            ({"ifsc": "CCBK0000042"}, "begins with SBBB"),
            ({"ifsc": "SBBB00001"}, "as on your cheque book"),
            ({"bank": "XYZ"}, "Choose one of these"),
            ({"holder": ""}, "Type your name"),
        ],
    )
    def test_what_cannot_be_linked_is_said(
        self, browser: FreshClient, typed: dict[str, str], sentence: str
    ) -> None:
        answer = link(browser, **typed)

        assert answer.status_code == 422
        assert sentence in answer.text
        assert db.session.scalar(select(func.count()).select_from(LinkedAccount)) == 0

    def test_a_silent_bank_links_nothing(self, browser: FreshClient, door: NextDoor) -> None:
        door.faults = ["lost"]

        answer = link(browser)

        assert answer.status_code == 503
        assert "Nothing was linked" in answer.text

    def test_numbers_cannot_be_tried_out(self, browser: FreshClient, door: NextDoor) -> None:
        answers = [link(browser, account_number=f"{n:012}").status_code for n in range(11)]

        assert answers == [422] * 10 + [429]
        assert len(door.calls) == 10

    def test_a_later_account_rests_for_a_day(
        self, browser: FreshClient, account: UUID, asha: User
    ) -> None:
        row = db.session.get_one(LinkedAccount, account)
        with transaction():
            second = LinkedAccount(
                **{
                    name: getattr(row, name)
                    for name in ("user_id", "bank_code", "ifsc", "holder", "number_sealed")
                },
                id=uuid4(),
                number_hash=b"other",
                last_digits="1187",
                usable_at=func.now() + timedelta(hours=24),
            )
            db.session.add(second)
        page = browser.get("/withdraw").text

        assert "··1187 rests until" in page
        refused = browser.submit("/withdraw", amount="1", bank_account=str(second.id))
        assert refused.status_code == 422

    def test_removing_one_needs_the_pin(self, browser: FreshClient, account: UUID) -> None:
        where = f"/bank-accounts/{account}/remove"
        assert browser.submit(where, pin="000000").status_code == 422
        assert browser.submit(where, pin="246810").status_code == 303

        assert "No account yet" in browser.get("/bank-accounts").text
        assert browser.get(where).status_code == 404

    def test_a_new_key_still_knows_the_account(self, browser: FreshClient, account: UUID) -> None:
        row = db.session.get_one(LinkedAccount, account)

        assert row.number_hash in fields.fingerprints(ASHA.account)


class TestWithdraw:
    def test_it_leaves_the_wallet_and_reaches_the_bank(
        self, browser: FreshClient, asha: User, account: UUID, balance: Balance, door: NextDoor
    ) -> None:
        before = ledger.balance(savings())
        where = prepare(browser, account)
        preview = browser.get(where).text
        assert "State Bank of Batua ··4471" in preview
        assert "₹1,500.00" in preview
        assert balance(asha) == Money(2_000_00)

        assert browser.submit(where, pin="246810").location == where

        assert (balance(asha), flying()) == (Money(1_500_00), Money(500_00))
        page = browser.get(where).text
        assert 'data-state="in_flight"' in page
        assert "is on its way" in page
        door.work()
        poll()
        assert 'data-state="paid"' in browser.get(where).text
        assert flying() == Money(0)
        assert ledger.balance(savings()) == before + Money(500_00)
        assert kinds() == {"withdrawal": 1, "withdrawal_paid": 1}

    def test_who_withdraws_gets_an_sms_and_is_told_when_it_arrived(
        self, browser: FreshClient, asha: User, account: UUID, door: NextDoor
    ) -> None:
        browser.submit(prepare(browser, account), pin="246810")
        door.work()
        poll()

        texts = db.session.scalars(select(Message.text).where(Message.to == asha.phone)).all()
        assert any(
            text.startswith("₹500.00 sent from your Batua wallet to State Bank of Batua ··4471")
            for text in texts
        )
        titles = db.session.scalars(select(Notice.title).where(Notice.user_id == asha.id)).all()
        assert "₹500.00 is in your bank account" in titles

    @pytest.mark.parametrize("how", ["poll", "webhook"])
    def test_what_the_bank_cannot_pay_comes_back(
        self,
        browser: FreshClient,
        asha: User,
        account: UUID,
        balance: Balance,
        door: NextDoor,
        the_bank: Any,
        how: str,
    ) -> None:
        where = prepare(browser, account)
        browser.submit(where, pin="246810")
        with transaction():
            db.session.execute(text("UPDATE bank.account SET number = '1' || number"))
        door.work()

        if how == "poll":
            poll()
        else:
            failed = news(where, status="failed", failure="unknown_account")
            for _ in range(2):
                assert the_bank.tell(failed, "payout.failed").status_code == 200

        assert state_of(where) == "returned"
        assert (balance(asha), flying()) == (Money(2_000_00), Money(0))
        assert "Your bank knows no such account." in browser.get(where).text
        assert kinds() == {"withdrawal": 1, "withdrawal_returned": 1}

    def test_money_comes_back_to_a_frozen_wallet_too(
        self, browser: FreshClient, asha: User, account: UUID, balance: Balance, the_bank: Any
    ) -> None:
        where = prepare(browser, account)
        browser.submit(where, pin="246810")
        with transaction():
            ledger.set_status(asha.account_id, "frozen")

        closed = news(where, status="failed", failure="account_closed")
        the_bank.tell(closed, "payout.failed")

        assert balance(asha) == Money(2_000_00)

    @pytest.mark.parametrize("fault", ["lost", "unheard"])
    def test_silence_is_no_answer_and_the_same_is_asked_again(
        self,
        browser: FreshClient,
        asha: User,
        account: UUID,
        balance: Balance,
        door: NextDoor,
        fault: str,
    ) -> None:
        before = ledger.balance(savings())
        where = prepare(browser, account)
        door.faults = [fault] * 3
        browser.submit(where, pin="246810")
        poll()
        poll()
        assert state_of(where) == "in_flight"
        assert balance(asha) == Money(1_500_00)

        poll()
        door.work()
        poll()

        assert state_of(where) == "paid"
        assert ledger.balance(savings()) == before + Money(500_00)
        assert db.session.scalar(text("SELECT count(*) FROM bank.payout")) == 1

    def test_a_bank_that_holds_too_little_gives_it_back(
        self, browser: FreshClient, asha: User, account: UUID, balance: Balance
    ) -> None:
        with transaction():
            platform = platform_at("SBB")
            ledger.move(
                Money(2_000_00), debit=platform, credit=savings(), kind="payout", key="gone"
            )
        where = prepare(browser, account)

        browser.submit(where, pin="246810")

        assert state_of(where) == "returned"
        assert balance(asha) == Money(2_000_00)
        assert "Withdraw it in two parts" in browser.get(where).text

    def test_the_outcome_is_booked_once_whoever_says_it(
        self,
        browser: FreshClient,
        account: UUID,
        door: NextDoor,
        the_bank: Any,
        user_app: Flask,
    ) -> None:
        where = prepare(browser, account)
        browser.submit(where, pin="246810")
        door.work()
        due()
        said = news(where)

        def by_poll(_: int) -> None:
            with user_app.app_context():
                asking.poll()

        def by_webhook(_: int) -> None:
            assert the_bank.tell(said, "payout.succeeded").status_code == 200

        with ThreadPoolExecutor(6) as pool:
            for job in [
                *(pool.submit(by_poll, n) for n in range(3)),
                *(pool.submit(by_webhook, n) for n in range(6)),
            ]:
                job.result()

        assert state_of(where) == "paid"
        assert kinds() == {"withdrawal": 1, "withdrawal_paid": 1}

    def test_one_order_many_times_takes_the_money_once(
        self, browser: FreshClient, asha: User, account: UUID, user_app: Flask, balance: Balance
    ) -> None:
        where = prepare(browser, account)
        form = {"csrf_token": token_of(browser.get("/settings")), "pin": "246810"}
        cookie = cookie_of(browser)

        def pay(_: int) -> int:
            one = fresh_client(user_app)
            one.set_cookie("batua_user", cookie)
            return one.post(where, data=form).status_code

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(pay, range(16))) == {303}

        assert balance(asha) == Money(1_500_00)
        assert kinds() == {"withdrawal": 1}

    def test_a_wrong_pin_takes_nothing(
        self, browser: FreshClient, asha: User, account: UUID, balance: Balance
    ) -> None:
        answer = browser.submit(prepare(browser, account), pin="000000")

        assert answer.status_code == 422
        assert "4 tries left" in answer.text
        assert balance(asha) == Money(2_000_00)

    @pytest.mark.parametrize(
        ("amount", "sentence"),
        [("2,000.01", "₹0.01 short"), ("0", "above zero"), ("1e3", "amount"), ("", "amount")],
    )
    def test_amounts_that_cannot_be(
        self, browser: FreshClient, account: UUID, amount: str, sentence: str
    ) -> None:
        answer = browser.submit("/withdraw", amount=amount, bank_account=str(account))

        assert answer.status_code == 422
        assert sentence in answer.text

    def test_other_terms_under_one_key_are_refused(
        self, browser: FreshClient, account: UUID
    ) -> None:
        where = prepare(browser, account)
        key = where.rpartition("/")[2]

        again = browser.submit("/withdraw", amount="1", bank_account=str(account), key=key)

        assert again.status_code == 409

    def test_a_withdrawal_is_nobody_elses(
        self, browser: FreshClient, account: UUID, make_user: MakeUser, signed_in: SignIn
    ) -> None:
        where = prepare(browser, account)
        thief = signed_in(make_user("Ravi Kumar", funds="5,000"))
        form = {"csrf_token": token_of(thief.get("/settings")), "pin": "246810"}

        assert thief.get(where).status_code == 404
        assert thief.post(where, data=form).status_code == 404
        assert thief.get(f"/bank-accounts/{account}/remove").status_code == 404
        taken = {**form, "amount": "1", "bank_account": str(account), "key": str(uuid4())}
        assert thief.post("/withdraw", data=taken).status_code == 422

    def test_a_small_wallet_is_told_what_it_needs(
        self, make_user: MakeUser, signed_in: SignIn
    ) -> None:
        browser = signed_in(make_user(tier="small", funds="500"))

        assert "full KYC" in browser.get("/withdraw").text

    def test_while_payouts_are_stopped_nothing_leaves(
        self, browser: FreshClient, asha: User, account: UUID, balance: Balance
    ) -> None:
        where = prepare(browser, account)
        with transaction():
            service.halt("the books differ")

        answer = browser.submit(where, pin="246810")

        assert answer.status_code == 503
        assert "checking our books" in answer.text
        assert balance(asha) == Money(2_000_00)
        with transaction():
            service.resume()
        assert db.session.get(Halt, "payouts") is None
        assert browser.submit(where, pin="246810").status_code == 303

    @pytest.mark.parametrize("where", ["5d0f1b0e-6b1e-4f0e-9c55-0d6f3c1f2a10", "not-ours"])
    def test_news_of_a_payout_that_is_not_ours_is_kept(self, the_bank: Any, where: str) -> None:
        assert the_bank.tell(news(where, id="x"), "payout.succeeded").status_code == 200
        assert kinds() == {}

    @pytest.mark.parametrize(
        "said",
        [
            {"id": None},
            {"status": "pending"},
            {"failure": 5},
            {"reference": None},
            {"amount": "50000"},
            {"amount": 500.5},
            {"currency": "USD"},
            {"bank": ""},
        ],
    )
    def test_news_that_cannot_be_read_is_refused(self, the_bank: Any, said: dict[str, Any]) -> None:
        failed = {**news("r", id="x", status="failed"), **said}
        assert the_bank.tell(failed, "payout.failed").status_code == 400
