"""Receipts of every kind: who, how much, in words, under which names, and for whose eyes."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.ledger import Moved
from batua_db.models.payments import (
    Biller,
    BillPayment,
    LinkedAccount,
    Merchant,
    Payment,
    Payout,
    Refund,
)
from batua_db.models.wallet import Bank, Topup, User
from batua_db.money import Money
from batua_user import steps
from batua_user.activity import parties, queries
from batua_user.activity.words import amount_in_words

from .helpers import MakeTopup, MakeUser, SignIn
from .test_activity import send

pytestmark = pytest.mark.usefixtures("session")


@dataclass(frozen=True)
class Shop:
    """Where Asha buys: a merchant, a biller, and her bank account."""

    merchant: Merchant
    biller: Biller
    linked: LinkedAccount
    in_flight: UUID


@pytest.fixture
def asha(make_user: MakeUser) -> User:
    return make_user("Asha Rao", funds="1000")


@pytest.fixture
def shop(asha: User, sbb: Bank, make_user: MakeUser) -> Shop:
    owner = make_user("Meena Iyer")
    with transaction():
        merchant = Merchant(
            user_id=owner.id,
            account_id=ledger.open_account("wallet", "merchant", owner=owner.id, hot=True),
            business_name="Iyer Tiffin",
            category="food",
            state="approved",
        )
        account = ledger.open_account("wallet", "biller", hot=True)
        biller = Biller(
            code="DECCAN", name="Deccan Power", category="electricity", account_id=account
        )
        linked = LinkedAccount(
            user_id=asha.id,
            bank_code="SBB",
            ifsc="SBBT0000001",
            holder="ASHA RAO",
            number_sealed=b"x",
            number_hash=b"x",
            last_digits="4471",
            usable_at=func.now(),
        )
        db.session.add_all([merchant, biller, linked])
        in_flight = ledger.open_account("wallet", "in_flight", hot=True)
    return Shop(merchant, biller, linked, in_flight)


def move(kind: str, key: str, rupees: int, *, debit: UUID, credit: UUID, **more: Any) -> Moved:
    with transaction():
        return ledger.move(
            Money(rupees * 100), debit=debit, credit=credit, kind=kind, key=key, **more
        )


def add(row: Any) -> UUID:
    with transaction():
        db.session.add(row)
        db.session.flush()
        return row.id


def test_a_payment_and_its_refund(asha: User, shop: Shop, signed_in: SignIn) -> None:
    terms = {"payer_id": asha.id, "merchant_id": shop.merchant.id, "amount": Money(120_00)}
    payment = add(Payment(id=uuid4(), **terms, order_no="T-17"))
    there = {"debit": asha.account_id, "credit": shop.merchant.account_id}
    paid = move("payment", f"pay:{payment}", 120, **there, note="Lunch")
    back = {"debit": shop.merchant.account_id, "credit": asha.account_id, "reverses": paid.id}
    refund = uuid4()
    given = move("payment_refund", f"payment_refund:{refund}", 20, **back)
    add(
        Refund(
            id=refund,
            payment_id=payment,
            amount=Money(20_00),
            reason="No chutney",
            transfer_id=given.id,
        )
    )
    browser = signed_in(asha)

    first = browser.get(f"/activity/{paid.id}").text
    second = browser.get(f"/activity/{given.id}").text

    for shown in ("You paid", "Iyer Tiffin", "T-17", "Lunch", "Pay again", "₹880.00"):
        assert shown in first
    assert f'href="/pay/{shop.merchant.id}"' in first
    assert f'href="/activity/{given.id}">₹20.00' in first
    for shown in ("You were refunded", "Iyer Tiffin", "No chutney", "twenty only"):
        assert shown in second
    assert f'href="/activity/{paid.id}"' in second


def test_a_bill_has_the_billers_word_for_it(asha: User, shop: Shop, signed_in: SignIn) -> None:
    bill = add(
        BillPayment(
            id=uuid4(),
            payer_id=asha.id,
            biller_code="DECCAN",
            reference="1042335190",
            bill_no="B-2231",
            bill_name="A RAO",
            amount=Money(420_00),
            state="confirmed",
            confirmation="DP-88213041",
        )
    )
    with transaction():
        steps.note(bill, "paid")
        steps.note(bill, "confirmed")
    paid = move("bill", f"bill:{bill}", 420, debit=asha.account_id, credit=shop.biller.account_id)

    page = signed_in(asha).get(f"/activity/{paid.id}").text

    for shown in ("Deccan Power", "1042335190", "B-2231", "DP-88213041", "The biller confirmed it"):
        assert shown in page
    assert f'href="/pay/DECCAN/{bill}"' in page


def test_a_withdrawal_names_the_bank_account(asha: User, shop: Shop, signed_in: SignIn) -> None:
    payout = add(
        Payout(
            user_id=asha.id,
            linked_account_id=shop.linked.id,
            amount=Money(500_00),
            state="returned",
            bank_payout_id="PO-55",
            failure="Account closed.",
        )
    )
    with transaction():
        steps.note(payout, "taken")
        steps.note(payout, "returned", "Account closed.")
    out = {"debit": asha.account_id, "credit": shop.in_flight}
    sent = move("withdrawal", f"withdrawal:{payout}", 500, **out)
    back = {"debit": shop.in_flight, "credit": asha.account_id, "reverses": sent.id}
    came = move("withdrawal_returned", f"withdrawal:{payout}:outcome", 500, **back)
    browser = signed_in(asha)

    for transfer, said in ((sent, "You withdrew"), (came, "You got back")):
        page = browser.get(f"/activity/{transfer.id}").text
        for shown in (said, "State Bank of Batua ··4471", "ASHA RAO", "PO-55", "Account closed."):
            assert shown in page
        assert f'href="/withdraw/{payout}"' in page
        assert "It left your wallet" in page
    history = browser.get("/activity?kind=withdrawal").text
    assert history.count("State Bank of Batua ··4471") == 2
    assert "Withdrawal returned" in history


def test_money_added_has_the_banks_reference(
    asha: User, make_topup: MakeTopup, sbb: Bank, signed_in: SignIn
) -> None:
    topup_id = make_topup(asha, "250")
    moved = move(
        "topup", f"topup:{topup_id}:settle", 250, debit=sbb.float_account, credit=asha.account_id
    )
    with transaction():
        topup = db.session.get_one(Topup, topup_id)
        topup.payment_id, topup.state, topup.transfer_id = "BP-901", "credited", moved.id
        steps.note(topup_id, "captured")
        steps.note(topup_id, "credited")

    page = signed_in(asha).get(f"/activity/{moved.id}").text

    for shown in ("You added", "BP-901", "You approved at the bank", "In your wallet"):
        assert shown in page
    assert f'href="/add-money/{topup_id}"' in page
    assert 'href="/add-money?amount=%E2%82%B9250.00&amp;bank=SBB"' in page


def test_it_can_be_passed_on(asha: User, make_user: MakeUser, signed_in: SignIn) -> None:
    """Phones are masked, and the balance is not printed."""
    ravi = make_user("Ravi Kumar")

    page = signed_in(asha).get(f"/activity/{send(asha, ravi, 120)}").text

    assert ravi.phone[3:9] not in page.replace(" ", "")
    assert asha.phone[3:9] not in page.replace(" ", "")
    assert f"+91 ••••• •{ravi.phone[-4:]}" in page
    assert re.search(r'<div class="no-print"><dt>Balance after</dt>', page)
    assert "Rupees one hundred twenty only" in page
    assert "Booked" in page


def test_what_nobody_owns_is_batuas(asha: User, signed_in: SignIn) -> None:
    with transaction():
        nobody = ledger.open_account("wallet", "suspense")
    move("correction", f"correction:{uuid4()}", 5, debit=asha.account_id, credit=nobody)

    line = queries.history(asha).lines[0]
    page = signed_in(asha).get(f"/activity/{line.transfer_id}").text

    assert (line.party.kind, line.party.name) == ("batua", "Set aside")
    assert "Batua took back" in page


def test_parties_are_found_together(asha: User, shop: Shop, sbb: Bank) -> None:
    accounts = [
        *(asha.account_id, shop.merchant.account_id, shop.biller.account_id),
        *(sbb.float_account, shop.in_flight, uuid4()),
    ]

    found = parties.of_accounts(accounts)

    assert [(found[each].kind, found[each].name) for each in accounts[:-1]] == [
        ("person", "Asha Rao"),
        ("merchant", "Iyer Tiffin"),
        ("biller", "Deccan Power"),
        ("bank", "State Bank of Batua"),
        ("batua", "On its way to a bank"),
    ]
    assert accounts[-1] not in found
    assert parties.of_accounts([]) == parties.of_payouts([]) == {}


@pytest.mark.parametrize(
    ("paise", "words"),
    [
        (0, "Rupees zero only"),
        (1, "One paisa only"),
        (50, "Fifty paise only"),
        (100, "Rupees one only"),
        (1250_50, "Rupees one thousand two hundred fifty and fifty paise only"),
        (2_00_000_00, "Rupees two lakh only"),
        (
            99_99_999_99,
            "Rupees ninety-nine lakh ninety-nine thousand nine hundred ninety-nine"
            " and ninety-nine paise only",
        ),
        (-19_00, "Rupees nineteen only"),
        (1_00_00_00_000_00, "Rupees one hundred crore only"),
    ],
)
def test_amounts_in_words(paise: int, words: str) -> None:
    assert amount_in_words(Money(paise)) == words
