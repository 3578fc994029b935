"""Paying a business: looked at, paid with the PIN, once; and one order by its QR."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import select

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.payments import Merchant, Payment
from batua_db.models.people import Notice
from batua_db.models.wallet import Message, User
from batua_db.money import Money
from batua_dev.client import FreshClient
from batua_user.payments import links

from .helpers import PIN, Balance, MakeUser, SignIn, key_of, token_of
from .shops import id_of, moves, open_shop, order, pay, payment_of, takings

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def shop(ravi: User) -> Merchant:
    return open_shop(ravi)


@pytest.fixture
def browser(rich: User, signed_in: SignIn) -> FreshClient:
    """Of Asha, who has ₹1,000."""
    return signed_in(rich)


def asked(shop: Merchant, amount: int = 250_00, order_no: str = "A-17", minutes: int = 15) -> str:
    """The page that the QR of an order leads to."""
    lasts = timedelta(minutes=minutes)
    token = links.sign(shop.id, amount=Money(amount), order_no=order_no, lasts=lasts)
    return links.address(shop.id, token).removeprefix("http://localhost:3001")


class TestPaying:
    def test_it_is_looked_at_before_the_pin_and_paid_after_it(
        self, browser: FreshClient, asha: User, shop: Merchant, balance: Balance
    ) -> None:
        where = order(browser, shop, "120.50", note="Lunch")
        preview = browser.get(where).text
        for shown in ("Iyer Tiffin", "Lunch", "₹879.50"):
            assert shown in preview
        assert (balance(asha), takings(shop)) == (Money(1000_00), Money(0))

        answer = browser.submit(where, pin=PIN)

        payment = payment_of(id_of(where))
        assert answer.location == f"/activity/{payment.transfer_id}"
        assert payment.paid_at is not None
        assert (balance(asha), takings(shop)) == (Money(879_50), Money(120_50))
        assert moves("payment") == [("payment", Money(120_50))]
        receipt = browser.get(answer.location).text
        for shown in ("You paid", "Iyer Tiffin", "Lunch", "₹879.50", f"/pay/{shop.id}"):
            assert shown in receipt

    def test_the_payer_gets_an_sms_and_the_business_a_notice(
        self, browser: FreshClient, asha: User, ravi: User, shop: Merchant
    ) -> None:
        payment = pay(browser, shop)

        (sms,) = db.session.scalars(select(Message.text).where(Message.to == asha.phone))
        assert sms.startswith("₹120.00 paid to Iyer Tiffin from your Batua wallet. Balance ₹880.00")
        notice = db.session.scalars(select(Notice).where(Notice.user_id == ravi.id)).one()
        assert (notice.kind, notice.title) == ("merchant", "Asha Rao paid ₹120.00")
        assert notice.path == f"/merchant/payments/{payment}"

    def test_the_owner_sees_it_and_strangers_do_not(
        self,
        browser: FreshClient,
        ravi: User,
        shop: Merchant,
        make_user: MakeUser,
        signed_in: SignIn,
    ) -> None:
        where = order(browser, shop, note="Lunch")
        receipt = browser.submit(where, pin=PIN).location
        owner, eve = signed_in(ravi), signed_in(make_user("Eve"))
        open_shop(make_user("Mallory"), "Mallory’s")

        led = owner.get(receipt)
        assert led.location == f"/merchant/payments/{id_of(where)}"
        page = owner.get(led.location).text
        for shown in ("Asha Rao", "Lunch", "₹120.00", "Give back"):
            assert shown in page
        assert rf"{9845010000}"[:4] not in page  # no phone number
        assert eve.get(receipt).status_code == 404
        assert eve.get(where).status_code == 404
        assert owner.get(where).status_code == 404

    def test_a_small_wallet_can_pay(
        self, make_user: MakeUser, signed_in: SignIn, shop: Merchant
    ) -> None:
        pay(signed_in(make_user("Meena", funds="500", tier="small")), shop)

        assert takings(shop) == Money(120_00)

    def test_nobody_pays_their_own_business(self, make_user: MakeUser, signed_in: SignIn) -> None:
        owner = make_user("Farah", funds="500")
        own = open_shop(owner)
        browser = signed_in(owner)

        page = browser.get(f"/pay/{own.id}")
        assert "This is your own business" in page.text
        form = {"csrf_token": token_of(browser.get("/settings")), "amount": "1", "note": ""}
        answer = browser.post(f"/pay/{own.id}", data={**form, "key": str(uuid4())})
        assert answer.status_code == 422
        assert db.session.scalars(select(Payment)).all() == []

    @pytest.mark.parametrize(
        "amount", ["", "0", "-1", "1e3", "NaN", "१२", "1.005", "+5", "1_000", "10,00,001"]
    )
    def test_amounts_nobody_can_pay(
        self, browser: FreshClient, shop: Merchant, amount: str
    ) -> None:
        answer = browser.submit(f"/pay/{shop.id}", amount=amount, note="")

        assert answer.status_code == 422
        assert db.session.scalars(select(Payment)).all() == []

    def test_too_little_money_is_said_before_and_at_the_pin(
        self, browser: FreshClient, asha: User, shop: Merchant, balance: Balance
    ) -> None:
        early = browser.submit(f"/pay/{shop.id}", amount="1,000.01", note="")
        assert early.status_code == 422
        assert "Add ₹0.01 first" in early.text

        first, second = order(browser, shop, "600"), order(browser, shop, "600")
        browser.submit(first, pin=PIN)
        late = browser.submit(second, pin=PIN)

        assert late.status_code == 422
        assert "₹200.00 short" in late.text
        assert (balance(asha), takings(shop)) == (Money(400_00), Money(600_00))

    def test_a_card_number_is_no_note(self, browser: FreshClient, shop: Merchant) -> None:
        answer = browser.submit(f"/pay/{shop.id}", amount="1", note="4111 1111 1111 1111")

        assert answer.status_code == 422

    @pytest.mark.parametrize(
        ("status", "sentence"), [("frozen", "Your wallet is frozen"), ("closed", "is closed")]
    )
    def test_frozen_and_closed_accounts_are_said(
        self, browser: FreshClient, asha: User, shop: Merchant, status: str, sentence: str
    ) -> None:
        where = order(browser, shop)
        with transaction():
            account = asha.account_id if status == "frozen" else shop.account_id
            ledger.set_status(account, status)  # pyright: ignore[reportArgumentType]

        answer = browser.submit(where, pin=PIN)

        assert answer.status_code == 422
        assert sentence in answer.text
        assert payment_of(id_of(where)).transfer_id is None

    def test_a_business_that_was_refused_takes_nothing(
        self, browser: FreshClient, shop: Merchant, asha: User, balance: Balance
    ) -> None:
        where = order(browser, shop)
        with transaction():
            db.session.get_one(Merchant, shop.id).state = "refused"

        answer = browser.submit(where, pin=PIN)

        assert answer.status_code == 422
        assert "can’t take payments at the moment" in answer.text
        assert balance(asha) == Money(1000_00)
        page = browser.get(f"/pay/{shop.id}").text
        assert "can’t take payments" in page
        assert 'name="amount"' not in page

    def test_a_new_business_is_named_as_such(self, browser: FreshClient, shop: Merchant) -> None:
        assert "Approved shop" in browser.get(f"/pay/{shop.id}").text
        with transaction():
            db.session.get_one(Merchant, shop.id).state = "waiting"

        assert "has not looked at it yet" in browser.get(f"/pay/{shop.id}").text
        assert "has not looked at it yet" in browser.get(order(browser, shop)).text

    def test_a_wrong_pin_pays_nothing(
        self, browser: FreshClient, shop: Merchant, asha: User, balance: Balance
    ) -> None:
        answer = browser.submit(order(browser, shop), pin="000000")

        assert answer.status_code == 422
        assert "4 tries left" in answer.text
        assert balance(asha) == Money(1000_00)

    def test_without_a_pin_one_chooses_it_first(
        self, make_user: MakeUser, signed_in: SignIn, shop: Merchant
    ) -> None:
        browser = signed_in(make_user("Noor", funds="500", pin=False))
        where = order(browser, shop)

        answer = browser.get(where)

        assert answer.location.startswith("/settings/pin?next=/pay/")

    def test_repeats_are_one_payment(
        self, browser: FreshClient, asha: User, shop: Merchant, balance: Balance
    ) -> None:
        page = browser.get(f"/pay/{shop.id}")
        form = {"csrf_token": token_of(page), "key": key_of(page), "amount": "120", "note": ""}
        places = {browser.post(f"/pay/{shop.id}", data=form).location for _ in range(3)}
        (where,) = places
        pin = {"csrf_token": token_of(browser.get(where)), "pin": PIN}

        receipts = {browser.post(where, data=pin).location for _ in range(3)}

        assert len(receipts) == 1
        assert browser.get(where).location in receipts
        assert (balance(asha), takings(shop)) == (Money(880_00), Money(120_00))

    @pytest.mark.parametrize("other", [{"amount": "121"}, {"note": "Else"}])
    def test_other_terms_under_one_key_are_refused(
        self, browser: FreshClient, shop: Merchant, other: dict[str, str]
    ) -> None:
        key = order(browser, shop).rpartition("/")[2]

        answer = browser.submit(
            f"/pay/{shop.id}", **{"amount": "120", "note": "", **other}, key=key
        )

        assert answer.status_code == 409

    def test_somebody_elses_key_is_refused(
        self, browser: FreshClient, shop: Merchant, make_user: MakeUser, signed_in: SignIn
    ) -> None:
        key = order(browser, shop).rpartition("/")[2]
        other = signed_in(make_user("Eve", funds="500"))

        answer = other.submit(f"/pay/{shop.id}", amount="120", note="", key=key)

        assert answer.status_code == 409


class TestOrders:
    """What a signed link asks for."""

    def test_the_link_fixes_the_amount(
        self, browser: FreshClient, asha: User, shop: Merchant, balance: Balance
    ) -> None:
        link = asked(shop)
        page = browser.get(link).text
        assert "A-17" in page
        assert 'name="amount"' not in page

        where = browser.submit(link, note="")
        answer = browser.submit(where.location, pin=PIN)

        assert answer.location.startswith("/activity/")
        assert balance(asha) == Money(750_00)
        assert payment_of(id_of(where.location)).order_no == "A-17"
        assert "A-17" in browser.get(answer.location).text

    def test_an_amount_that_is_typed_anyway_counts_for_nothing(
        self, browser: FreshClient, shop: Merchant
    ) -> None:
        link = asked(shop)
        page = browser.get(link)
        form = {"csrf_token": token_of(page), "key": key_of(page), "note": "", "amount": "1"}

        where = browser.post(link, data=form).location

        assert payment_of(id_of(where)).amount == Money(250_00)

    @pytest.mark.parametrize("spoil", [lambda t: t[:-2] + "xx", lambda t: "x" + t, lambda _: ""])
    def test_a_changed_link_is_refused(
        self, browser: FreshClient, shop: Merchant, spoil: object
    ) -> None:
        page, _, token = asked(shop).partition("=")

        answer = browser.get(f"{page}={spoil(token)}")  # pyright: ignore[reportCallIssue]

        assert answer.status_code == 422
        assert "is not whole" in answer.text

    def test_a_link_of_another_business_is_refused(
        self, browser: FreshClient, shop: Merchant, make_user: MakeUser
    ) -> None:
        other = open_shop(make_user("Mallory"), "Mallory’s")
        token = asked(shop).partition("=")[2]

        assert browser.get(f"/pay/{other.id}?request={token}").status_code == 422

    def test_at_the_pin_the_link_is_looked_at_again(
        self, browser: FreshClient, asha: User, shop: Merchant, balance: Balance
    ) -> None:
        where = browser.submit(asked(shop), note="").location
        page = where.partition("?")[0]
        cheap = asked(shop, 1_00).partition("=")[2]
        pin = {"csrf_token": token_of(browser.get(where)), "pin": PIN}

        for changed in (page, f"{page}?request=x", f"{page}?request={cheap}"):
            answer = browser.post(changed, data=pin)
            assert answer.status_code == 422, changed
            assert "is not whole" in answer.text

        assert balance(asha) == Money(1000_00)
        assert browser.post(where, data=pin).status_code == 303

    def test_an_expired_link_is_refused_before_and_at_the_pin(
        self, browser: FreshClient, asha: User, shop: Merchant, balance: Balance
    ) -> None:
        link = asked(shop, minutes=1)
        page = browser.get(link)
        form = {"csrf_token": token_of(page), "key": key_of(page), "note": ""}
        late = asked(shop, order_no="A-18", minutes=0)
        where = browser.post(link, data=form).location
        pin = {"csrf_token": form["csrf_token"], "pin": PIN}

        assert browser.get(late).status_code == 410
        with time_machine.travel(timedelta(minutes=2)):
            answer = browser.post(where, data=pin)
            assert answer.status_code == 410
            assert "has expired" in answer.text
            assert browser.post(link, data=form).location == where
        assert balance(asha) == Money(1000_00)

    def test_what_was_paid_in_time_stays_paid(self, browser: FreshClient, shop: Merchant) -> None:
        where = browser.submit(asked(shop, minutes=1), note="").location
        pin = {"csrf_token": token_of(browser.get(where)), "pin": PIN}
        receipt = browser.post(where, data=pin).location

        with time_machine.travel(timedelta(minutes=2)):
            assert browser.post(where, data=pin).location == receipt

    def test_an_order_is_paid_once(
        self,
        browser: FreshClient,
        shop: Merchant,
        make_user: MakeUser,
        signed_in: SignIn,
        balance: Balance,
    ) -> None:
        late = make_user("Meena", funds="500")
        other = signed_in(late)
        link = asked(shop)
        theirs = other.submit(link, note="").location
        mine = browser.submit(link, note="").location
        pin = {"csrf_token": token_of(other.get(theirs)), "pin": PIN}
        receipt = browser.submit(mine, pin=PIN).location

        assert "This order is paid already" in other.get(link).text
        assert "Nothing was taken from you" in other.get(theirs).text
        answer = other.post(theirs, data=pin)
        assert answer.status_code == 422
        assert "This order is paid already" in answer.text
        assert balance(late) == Money(500_00)
        assert receipt in browser.get(link).text
        again = open_shop(make_user("Third"), "Another")
        assert other.submit(asked(again), note="").status_code == 303


class TestLanding:
    def test_shops_paid_before_come_first_else_some_to_try(
        self, browser: FreshClient, shop: Merchant, make_user: MakeUser
    ) -> None:
        never = open_shop(make_user("Mallory"), "Never Paid")
        open_shop(make_user("New"), "Not Approved", state="waiting")
        page = browser.get("/pay").text
        assert "Shops to try" in page
        assert "Iyer Tiffin" in page
        assert "Not Approved" not in page

        pay(browser, shop)

        page = browser.get("/pay").text
        assert "Your shops" in page
        assert f"/pay/{shop.id}" in page
        assert f"/pay/{never.id}" not in page

    @pytest.mark.parametrize(
        ("words", "found"), [("tiffin IYER", True), ("%", False), ("Iyer x", False)]
    )
    def test_shops_are_found_by_words_of_their_name(
        self, browser: FreshClient, shop: Merchant, words: str, found: bool
    ) -> None:
        page = browser.get("/pay", query_string={"q": words}).text

        assert (f"/pay/{shop.id}" in page) is found
        assert ("No such shop" in page) is not found

    def test_an_unknown_shop_is_not_there(self, browser: FreshClient) -> None:
        assert browser.get(f"/pay/{UUID(int=5)}").status_code == 404
