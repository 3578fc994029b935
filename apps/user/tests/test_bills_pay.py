"""Paying a bill: the number, the preview, the PIN, and the biller’s word."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import NotFound
from batua_db.models.payments import BillPayment
from batua_db.models.people import Notice
from batua_db.models.wallet import Guess, User
from batua_db.money import Money
from batua_dev.client import FreshClient
from batua_user.billers import asking, demo, service, standin

from .bill_books import (
    ACCOUNT,
    LOST,
    NUMBER,
    REFUSED,
    SLOW,
    bill,
    bills_due,
    booked,
    held_by,
    id_of,
    new_key,
    order,
    state_of,
)
from .door import messages
from .helpers import PASSWORD, PIN, Balance, MakeUser, SignIn, key_of, token_of


@pytest.fixture(autouse=True)
def billers(database: None) -> None:
    demo.seed()


def pay(browser: FreshClient, reference: str = NUMBER, code: str = "TARANG", **more: str) -> str:
    """All the way to the status page."""
    where = order(browser, reference, code, **more)
    answer = browser.submit(where, pin=PIN)
    assert (answer.status_code, answer.location) == (303, where)
    return where


@pytest.mark.usefixtures("session", "rich")
class TestConfirmed:
    def test_a_recharge_is_paid_and_confirmed(
        self, browser: FreshClient, asha: User, balance: Balance
    ) -> None:
        where = order(browser, "98450 12345", note="For Amma")
        preview = browser.get(where).text
        for shown in ("Tarang Mobile", NUMBER, "₹199", "For Amma", "₹801.00", "PIN"):
            assert shown in preview

        answer = browser.submit(where, pin=PIN)
        page = browser.get(answer.location)

        assert (answer.status_code, answer.location) == (303, where)
        assert 'data-state="confirmed"' in page.text
        assert re.search(r"TAR[0-9]{12}", page.text)
        for shown in ("Tarang Mobile", NUMBER, "₹199.00", "For Amma", "₹801.00"):
            assert shown in page.text
        assert (balance(asha), held_by()) == (Money(801_00), Money(199_00))
        assert booked() == [("bill", Money(199_00))]

    def test_a_bill_is_fetched_and_paid_as_it_stands(
        self, signed_in: SignIn, make_user: MakeUser, balance: Balance
    ) -> None:
        person, due = make_user(funds="9000"), bill()
        browser = signed_in(person)
        page = browser.get("/pay/DECCAN")
        form = {"csrf_token": token_of(page), "key": key_of(page), "reference": ACCOUNT}
        where = browser.post("/pay/DECCAN", data={**form, "note": "", "amount": "1"}).location
        preview = browser.get(where).text
        for shown in (due.name, due.number, "Due", "Account ID", str(due.amount)):
            assert shown in preview

        browser.submit(where, pin=PIN)

        assert state_of(where) == "confirmed"
        assert held_by("DECCAN") == due.amount
        assert balance(person) == Money(9000_00) - due.amount

    def test_a_bill_that_is_paid_is_no_longer_due(
        self, signed_in: SignIn, make_user: MakeUser
    ) -> None:
        browser = signed_in(make_user(funds="9000"))
        pay(browser, ACCOUNT, "DECCAN")

        again = browser.submit("/pay/DECCAN", reference=ACCOUNT)

        assert again.status_code == 422
        assert "nothing to pay" in again.text

    def test_a_second_click_pays_once(
        self, browser: FreshClient, asha: User, balance: Balance
    ) -> None:
        where = order(browser)
        form = {"csrf_token": token_of(browser.get(where)), "pin": PIN}

        answers = [browser.post(where, data=form) for _ in range(3)]
        wrong = browser.post(where, data={**form, "pin": "000000"})

        assert {answer.location for answer in [*answers, wrong]} == {where}
        assert balance(asha) == Money(801_00)

    def test_a_small_wallet_pays_bills(self, signed_in: SignIn, make_user: MakeUser) -> None:
        where = pay(signed_in(make_user(tier="small", funds="500")))

        assert state_of(where) == "confirmed"

    def test_every_debit_has_an_sms_and_a_notice(self, browser: FreshClient, asha: User) -> None:
        where = pay(browser)

        sms = [each["text"] for each in messages(browser, asha.phone)]
        assert len(sms) == 1
        assert "₹199.00 paid to Tarang Mobile" in sms[0]
        assert "Balance ₹801.00" in sms[0]
        notices = db.session.scalars(select(Notice).where(Notice.user_id == asha.id)).all()
        assert [(each.kind, each.path) for each in notices] == [("money_out", where)]


@pytest.mark.usefixtures("session", "rich")
class TestRefused:
    def test_what_the_biller_refuses_is_back_at_once(
        self, browser: FreshClient, asha: User, balance: Balance
    ) -> None:
        where = pay(browser, REFUSED)
        page = browser.get(where).text

        assert 'data-state="refunded"' in page
        assert "no active connection" in page
        assert "₹1,000.00" in page
        assert (balance(asha), held_by()) == (Money(1000_00), Money(0))
        assert booked() == [("bill", Money(199_00)), ("bill_refund", Money(199_00))]
        kinds = db.session.scalars(select(Notice.kind).order_by(Notice.created_at)).all()
        assert kinds == ["money_out", "money_in"]

    def test_one_bill_paid_from_two_forms_is_paid_once(
        self, signed_in: SignIn, make_user: MakeUser, balance: Balance
    ) -> None:
        person, due = make_user(funds="9000"), bill()
        browser = signed_in(person)
        forms = [order(browser, ACCOUNT, "DECCAN") for _ in range(2)]

        for where in forms:
            browser.submit(where, pin=PIN)

        assert [state_of(where) for where in forms] == ["confirmed", "refunded"]
        assert balance(person) == Money(9000_00) - due.amount
        assert "paid already" in browser.get(forms[1]).text

    def test_a_refund_lands_in_a_frozen_wallet(
        self, browser: FreshClient, asha: User, balance: Balance
    ) -> None:
        where = order(browser, REFUSED)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(asking, "look", lambda _: None)
            browser.submit(where, pin=PIN)
        with transaction():
            ledger.set_status(asha.account_id, "frozen")

        asking.poll()

        assert state_of(where) == "refunded"
        assert balance(asha) == Money(1000_00)


@pytest.mark.usefixtures("session", "rich")
class TestSilence:
    def test_a_slow_biller_is_waited_for(
        self, browser: FreshClient, asha: User, balance: Balance, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        where = pay(browser, SLOW)
        page = browser.get(where).text
        assert 'data-state="paid"' in page
        assert "Waiting for Tarang Mobile" in page
        bills_due()
        assert asking.poll() == 1
        assert state_of(where) == "paid"

        monkeypatch.setattr(standin, "SLOW_FOR", timedelta(0))
        bills_due()
        asking.poll()

        assert state_of(where) == "confirmed"
        assert (balance(asha), held_by()) == (Money(801_00), Money(199_00))
        titles = db.session.scalars(select(Notice.title).order_by(Notice.created_at)).all()
        assert titles[-1] == "Tarang Mobile has your ₹199.00"

    def test_a_lost_answer_is_asked_for_again_and_is_the_same(
        self, browser: FreshClient, asha: User, balance: Balance
    ) -> None:
        where = pay(browser, LOST)
        assert state_of(where) == "paid"

        for _ in range(3):
            bills_due()
            asking.poll()

        assert state_of(where) == "confirmed"
        assert held_by() == Money(199_00)
        assert booked() == [("bill", Money(199_00))]

    def test_the_page_asks_by_itself_when_it_is_time(self, browser: FreshClient) -> None:
        where = pay(browser, LOST)
        page = browser.get(where).text
        assert 'data-state="paid"' in page
        live = re.search(r'hx-get="(/pay/[^"]+)"', page)
        assert live
        path = live[1].replace("&amp;", "&")
        assert browser.get(path, headers={"HX-Request": "true"}).status_code == 204

        bills_due()

        assert 'data-state="confirmed"' in browser.get(path, headers={"HX-Request": "true"}).text

    def test_it_is_asked_more_and_more_rarely_and_for_ever(self, browser: FreshClient) -> None:
        where = pay(browser, SLOW)
        waits: list[int] = []
        for _ in range(7):
            with transaction():
                wait = select(BillPayment.check_at - func.clock_timestamp())
                found = db.session.scalars(wait.where(BillPayment.id == id_of(where))).one()
            waits.append(round(found.total_seconds()))
            bills_due()
            asking.poll()

        assert waits == [10, 20, 40, 60, 60, 60, 60]

    def test_without_a_bill_nothing_is_prepared(self, browser: FreshClient) -> None:
        silent = browser.submit("/pay/DECCAN", reference="2047118005")
        nothing = browser.submit("/pay/DECCAN", reference="2047118004")

        assert (silent.status_code, nothing.status_code) == (503, 422)
        assert "does not answer right now" in silent.text
        assert silent.headers["Retry-After"]
        assert db.session.scalar(select(func.count()).select_from(BillPayment)) == 0


@pytest.mark.usefixtures("session", "rich")
class TestNotPaid:
    def test_a_wrong_pin_takes_nothing(
        self, browser: FreshClient, asha: User, balance: Balance
    ) -> None:
        answer = browser.submit(order(browser), pin="111111")

        assert answer.status_code == 422
        assert "4 tries left" in answer.text
        assert balance(asha) == Money(1000_00)
        assert db.session.scalars(select(Guess.failures)).one() == 1

    def test_without_a_pin_it_leads_to_choosing_one_and_back(
        self, make_user: MakeUser, signed_in: SignIn
    ) -> None:
        browser = signed_in(make_user(funds="500", pin=False))
        where = order(browser)
        away = browser.get(where)
        assert away.location == f"/settings/pin?next={where}"

        chosen = browser.submit(away.location, password=PASSWORD, pin="975310", pin_again="975310")

        assert chosen.location == where
        assert browser.submit(where, pin="975310").status_code == 303

    def test_a_frozen_wallet_is_told_so(
        self, browser: FreshClient, asha: User, balance: Balance
    ) -> None:
        where = order(browser)
        with transaction():
            ledger.set_status(asha.account_id, "frozen")

        answer = browser.submit(where, pin=PIN)

        assert answer.status_code == 422
        assert "frozen" in answer.text
        assert (state_of(where), balance(asha)) == ("prepared", Money(1000_00))

    def test_money_that_went_elsewhere_meanwhile_is_missed_gracefully(
        self, browser: FreshClient, asha: User, balance: Balance
    ) -> None:
        first, second = (order(browser, amount="600") for _ in range(2))
        browser.submit(first, pin=PIN)

        answer = browser.submit(second, pin=PIN)

        assert answer.status_code == 422
        assert "₹200.00 short" in answer.text
        assert balance(asha) == Money(400_00)

    def test_more_than_there_is_is_refused_before_the_pin(self, browser: FreshClient) -> None:
        answer = browser.submit("/pay/TARANG", reference=NUMBER, amount="1000.01")

        assert answer.status_code == 422
        assert "Add ₹0.01 first" in answer.text

    @pytest.mark.parametrize("amount", ["9.99", "5000.01"])
    def test_a_biller_takes_only_so_much(
        self, signed_in: SignIn, make_user: MakeUser, amount: str
    ) -> None:
        browser = signed_in(make_user(funds="9000"))

        answer = browser.submit("/pay/TARANG", reference=NUMBER, amount=amount)

        assert answer.status_code == 422
        assert "takes ₹10.00 to ₹5,000.00" in answer.text

    def test_a_right_pin_pays_nobody_elses_bill(
        self, browser: FreshClient, make_user: MakeUser
    ) -> None:
        where, other = order(browser), make_user(funds="500")

        with pytest.raises(NotFound):
            service.pay(other, id_of(where), pin=PIN)

        assert (state_of(where), booked()) == ("prepared", [])

    def test_nothing_is_paid_on_get(self, browser: FreshClient) -> None:
        browser.get(order(browser) + f"?pin={PIN}")

        assert booked() == []


@pytest.mark.usefixtures("session", "rich")
class TestKeys:
    def test_the_same_form_twice_is_one_payment(self, browser: FreshClient) -> None:
        key = new_key()

        assert order(browser, key=key) == order(browser, key=key) == f"/pay/TARANG/{key}"

    @pytest.mark.parametrize(
        "other",
        [{"amount": "200"}, {"reference": "9845012346"}, {"note": "Else"}],
        ids=["amount", "reference", "note"],
    )
    def test_the_same_key_with_other_terms_is_a_conflict(
        self, browser: FreshClient, other: dict[str, str]
    ) -> None:
        key = key_of(browser.get("/pay/TARANG"))
        typed = {"reference": NUMBER, "amount": "199", "note": "", "key": key}
        browser.submit("/pay/TARANG", **typed)

        assert browser.submit("/pay/TARANG", **{**typed, **other}).status_code == 409

    def test_the_same_key_at_another_biller_is_a_conflict(self, browser: FreshClient) -> None:
        typed = {"reference": NUMBER, "amount": "199", "key": new_key()}
        browser.submit("/pay/TARANG", **typed)

        assert browser.submit("/pay/VANI", **typed).status_code == 409

    def test_somebody_elses_key_is_a_conflict(
        self, browser: FreshClient, signed_in: SignIn, make_user: MakeUser
    ) -> None:
        key = new_key()
        where = order(browser, key=key)
        thief = signed_in(make_user(funds="1000"))

        answer = thief.submit("/pay/TARANG", reference=NUMBER, amount="199", key=key)

        assert answer.status_code == 409
        assert thief.get(where).status_code == 404
