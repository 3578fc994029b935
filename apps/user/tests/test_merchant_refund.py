"""Giving back: all or a part, to whoever paid, and never more than that."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.payments import Merchant, Refund
from batua_db.models.people import Notice
from batua_db.models.wallet import Message, User
from batua_db.money import Money
from batua_dev.client import FreshClient

from .conftest import give
from .helpers import PIN, Balance, MakeUser, SignIn, key_of, token_of
from .shops import moves, open_shop, order, pay, payment_of, takings

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def shop(ravi: User) -> Merchant:
    return open_shop(ravi)


@pytest.fixture
def payment(rich: User, signed_in: SignIn, shop: Merchant) -> UUID:
    """₹120 that Asha paid, of ₹1,000."""
    return pay(signed_in(rich), shop)


@pytest.fixture
def owner(shop: Merchant, ravi: User, signed_in: SignIn) -> FreshClient:
    return signed_in(ravi)


def give_back(owner: FreshClient, payment: UUID, amount: str = "20.50", **more: str) -> Any:
    typed = {"amount": amount, "reason": "No chutney", "pin": PIN, **more}
    return owner.submit(f"/merchant/payments/{payment}", **typed)


def test_a_part_comes_back_to_whoever_paid(
    owner: FreshClient,
    payment: UUID,
    asha: User,
    ravi: User,
    shop: Merchant,
    balance: Balance,
    signed_in: SignIn,
) -> None:
    answer = give_back(owner, payment)

    assert answer.location == f"/merchant/payments/{payment}"
    assert (balance(asha), takings(shop)) == (Money(900_50), Money(99_50))
    assert payment_of(payment).refunded == Money(20_50)
    assert moves("payment_refund") == [("payment_refund", Money(20_50))]
    page = owner.get(answer.location).text
    for shown in ("No chutney", "−₹20.50", "You keep", "₹99.50"):
        assert shown in page
    refund = db.session.scalars(select(Refund)).one()
    told = db.session.scalars(select(Notice).where(Notice.user_id == asha.id)).one()
    assert told.title == "Iyer Tiffin gave you back ₹20.50"
    assert told.path == f"/activity/{refund.transfer_id}"
    theirs = signed_in(asha)
    for path in (told.path, f"/activity/{payment_of(payment).transfer_id}"):
        assert "₹20.50" in theirs.get(path).text
    assert "You were refunded" in theirs.get(told.path).text
    (sms,) = db.session.scalars(select(Message.text).where(Message.to == ravi.phone))
    assert sms.startswith("₹20.50 given back to Asha Rao from the takings of Iyer Tiffin")
    assert owner.get(told.path).location == f"/merchant/payments/{payment}"


def test_all_of_it_can_come_back_in_parts_and_no_more(
    owner: FreshClient, payment: UUID, asha: User, shop: Merchant, balance: Balance
) -> None:
    assert give_back(owner, payment, "100").status_code == 303

    answer = give_back(owner, payment, "20.01")
    assert answer.status_code == 422
    assert "You can give back ₹20.00 more" in answer.text
    assert 'value="20"' in owner.get(f"/merchant/payments/{payment}").text
    assert give_back(owner, payment, "20").status_code == 303

    assert (balance(asha), takings(shop)) == (Money(1000_00), Money(0))
    assert "All of it was given back" in owner.get(f"/merchant/payments/{payment}").text


def test_when_all_is_given_back_another_form_is_refused(owner: FreshClient, payment: UUID) -> None:
    page = owner.get(f"/merchant/payments/{payment}")
    token = token_of(page)
    give_back(owner, payment, "120")
    form = {"csrf_token": token, "key": key_of(page), "amount": "1", "reason": "", "pin": PIN}

    answer = owner.post(f"/merchant/payments/{payment}", data=form)

    assert answer.status_code == 422
    assert len(moves("payment_refund")) == 1


def test_repeats_are_one_refund_and_other_terms_are_refused(
    owner: FreshClient, payment: UUID, shop: Merchant
) -> None:
    page = owner.get(f"/merchant/payments/{payment}")
    form = {"csrf_token": token_of(page), "key": key_of(page), "reason": "", "pin": PIN}

    def post(amount: str) -> int:
        path = f"/merchant/payments/{payment}"
        return owner.post(path, data={**form, "amount": amount}).status_code

    assert [post("70"), post("70"), post("70")] == [303] * 3
    assert post("50") == 409
    assert takings(shop) == Money(50_00)


def test_a_business_that_is_short_of_money_is_told_so(
    owner: FreshClient, payment: UUID, shop: Merchant, asha: User, balance: Balance, sbb: Any
) -> None:
    with transaction():
        ledger.move(
            Money(100_00),
            debit=shop.account_id,
            credit=sbb.float_account,
            kind="settlement",
            key="gone",
        )

    answer = give_back(owner, payment, "20.01")

    assert answer.status_code == 422
    assert "Your takings are ₹0.01 short of this" in answer.text
    assert (balance(asha), takings(shop)) == (Money(880_00), Money(20_00))
    assert payment_of(payment).refunded == Money(0)


@pytest.mark.parametrize("who", ["payer", "business"])
def test_a_freeze_stops_no_refund(
    owner: FreshClient, payment: UUID, shop: Merchant, asha: User, balance: Balance, who: str
) -> None:
    with transaction():
        account = asha.account_id if who == "payer" else shop.account_id
        ledger.set_status(account, "frozen")

    assert give_back(owner, payment, "120").status_code == 303
    assert balance(asha) == Money(1000_00)


def test_a_full_wallet_takes_a_refund_above_its_cap(
    owner: FreshClient,
    make_user: MakeUser,
    signed_in: SignIn,
    shop: Merchant,
    balance: Balance,
    sbb: Any,
) -> None:
    meena = make_user("Meena", funds="10,000", tier="small")
    payment = pay(signed_in(meena), shop, "500")
    give(meena, "500", sbb.float_account)

    assert give_back(owner, payment, "500").status_code == 303
    assert balance(meena) == Money(10_500_00)


def test_a_closed_wallet_takes_nothing(
    owner: FreshClient, shop: Merchant, make_user: MakeUser, signed_in: SignIn
) -> None:
    payer = make_user("Gone", funds="120")
    payment = pay(signed_in(payer), shop)
    with transaction():
        ledger.set_status(payer.account_id, "closed")

    answer = give_back(owner, payment)

    assert answer.status_code == 422
    assert "Their wallet is closed" in answer.text
    assert takings(shop) == Money(120_00)


def test_a_wrong_pin_gives_nothing_back(owner: FreshClient, payment: UUID, shop: Merchant) -> None:
    answer = give_back(owner, payment, pin="000000")

    assert answer.status_code == 422
    assert "4 tries left" in answer.text
    assert takings(shop) == Money(120_00)


def test_only_what_was_paid_to_me_can_be_given_back(
    owner: FreshClient,
    payment: UUID,
    shop: Merchant,
    rich: User,
    make_user: MakeUser,
    signed_in: SignIn,
) -> None:
    mallory = make_user("Mallory")
    open_shop(mallory, "Mallory’s")
    thief = signed_in(mallory)
    form = {"csrf_token": token_of(thief.get("/settings")), "key": str(uuid4()), "reason": ""}
    data = {**form, "amount": "1", "pin": PIN}
    unpaid = order(signed_in(rich), shop).rpartition("/")[2]

    assert thief.post(f"/merchant/payments/{payment}", data=data).status_code == 404
    assert owner.get(f"/merchant/payments/{unpaid}").status_code == 404
    mine = {**data, "csrf_token": token_of(owner.get("/settings"))}
    assert owner.post(f"/merchant/payments/{unpaid}", data=mine).status_code == 404
    assert moves("payment_refund") == []
