"""The timeline of any operation, as the desk reads it."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from batua_db.database import db, transaction
from batua_db.models.desk import Staff
from batua_db.models.ledger import Transfer
from batua_db.models.payments import LinkedAccount, Merchant, Payout
from batua_db.models.wallet import Inbox, User
from batua_db.money import Money
from batua_dev.client import FreshClient
from batua_user.billers import demo as billers
from batua_user.merchants import refunds
from batua_user.payments import service as payments
from batua_user.payouts import service as payouts
from batua_user.settlements import service as settlements
from batua_user.steps import note

from .bill_books import order
from .desk import AtDesk, acts, sent, start_business
from .helpers import PIN, MakeTopup, SignIn, linked_account, prepare
from .shops import open_shop
from .the_bank import TheBank

pytestmark = pytest.mark.usefixtures("session")
ENDS = ("", ":fee", ":outcome", ":outcome:fee")


@pytest.fixture
def desk(at_desk: AtDesk, auditor: Staff) -> FreshClient:
    """Whoever only looks sees all of it."""
    return at_desk(auditor)


def read(desk: FreshClient, reference: UUID | str) -> str:
    answer = desk.get(f"/desk/operations/{reference}")
    assert answer.status_code == 200
    return answer.text


def test_a_send_by_its_order_and_by_its_transfer(
    desk: FreshClient, rich: User, ravi: User, signed_in: SignIn, auditor: Staff
) -> None:
    where = prepare(signed_in(rich), ravi)
    order_id = UUID(where.rpartition("/")[2])
    assert 'data-state="prepared"' in read(desk, order_id)
    signed_in(rich).submit(where, pin=PIN)
    transfer = db.session.scalars(select(Transfer).where(Transfer.kind == "send")).one()

    for reference in (order_id, transfer.id):
        page = read(desk, reference)
        assert 'data-state="sent"' in page
        for shown in ("Asha Rao", "Ravi Kumar", f"send:{order_id}", "₹120.50", "Dosa"):
            assert shown in page
        assert "Propose a correction" not in page  # an auditor only looks
    assert [act.staff_id for act in acts(order_id)] == [auditor.id]


def test_a_topup_with_its_messages_and_the_next_question(
    desk: FreshClient, asha: User, make_topup: MakeTopup, the_bank: TheBank
) -> None:
    topup = make_topup(asha, "500")
    page = read(desk, topup)
    assert 'data-state="pending"' in page
    assert "so far; next" in page
    assert "No money has moved" in page

    the_bank.tell(the_bank.payment(topup))
    page = read(desk, topup)

    assert 'data-state="credited"' in page
    (message,) = db.session.scalars(select(Inbox.message_id)).all()
    for shown in (message, "payment.succeeded", f"topup:{topup}:settle", "State Bank of Batua"):
        assert shown in page


def test_a_bill(desk: FreshClient, rich: User, signed_in: SignIn) -> None:
    billers.seed()
    browser = signed_in(rich)
    where = order(browser)
    browser.submit(where, pin=PIN)
    bill = where.rpartition("/")[2]

    page = read(desk, bill)

    assert 'data-state="confirmed"' in page
    for shown in ("Tarang Mobile", f"bill:{bill}", "The biller confirmed it", "Asha Rao"):
        assert shown in page


@pytest.mark.parametrize("settlement", [False, True])
def test_a_payout(desk: FreshClient, rich: User, settlement: bool) -> None:
    account, payout = uuid4(), uuid4()
    with transaction():
        db.session.add(
            LinkedAccount(
                id=account, user_id=rich.id, bank_code="SBB", ifsc="SBBB0000042", holder=rich.name,
                number_sealed=b"x", number_hash=b"x", last_digits="4471", usable_at=func.now(),
            )
        )  # fmt: skip
    business = start_business(rich) if settlement else None
    with transaction():
        db.session.add(
            Payout(
                id=payout, user_id=rich.id, merchant_id=business, linked_account_id=account,
                amount=Money(50_00), state="in_flight", bank_code="SBB", bank_payout_id="po_7",
                check_at=func.now(), checks=3,
            )
        )  # fmt: skip
        db.session.flush()
        note(payout, "taken")
        note(payout, "ordered")
        db.session.add(
            Inbox(
                message_id="msg_9", type="payout.failed", outcome="ignored",
                body=f'{{"data": {{"reference": "{payout}"}}}}',
            )
        )  # fmt: skip

    page = read(desk, payout)

    assert 'data-state="in_flight"' in page
    assert ("Settlement" if settlement else "Withdrawal") in page
    for shown in ("po_7", "msg_9", "··4471", "Our bank took the order", "Asked 3 times"):
        assert shown in page


@pytest.fixture
def shop(ravi: User) -> Merchant:
    return open_shop(ravi, "Sharma Sweets")


@pytest.fixture
def paid(rich: User, shop: Merchant) -> UUID:
    """₹80 from Asha."""
    key, amount = uuid4(), Money(80_00)
    payments.prepare(rich, shop, amount=amount, note="Two boxes", key=key, token=None)
    payments.pay(rich, key, pin=PIN, token=None)
    return key


def movements(operation: UUID) -> dict[str, UUID]:
    """What the ledger has of an operation, by its keys."""
    query = select(Transfer.key, Transfer.id).where(Transfer.key.contains(str(operation)))
    return {row.key: row.id for row in db.session.execute(query)}


@pytest.mark.usefixtures("cache")
def test_a_payment_and_its_refund(desk: FreshClient, ravi: User, paid: UUID) -> None:
    back = uuid4()
    refunds.refund(ravi, paid, amount=Money(30_00), reason="One was cold", key=back, pin=PIN)
    (payment,) = movements(paid).items()
    (refund,) = movements(back).items()

    for reference in (paid, payment[1]):
        page = read(desk, reference)
        for shown in ("Sharma Sweets", "Two boxes", "₹30.00 given back", "One was cold",
                      "Ravi Kumar", f"payment:{paid}", payment[0], refund[0]):  # fmt: skip
            assert shown in page
    for reference in (back, refund[1]):
        page = read(desk, reference)
        for shown in ("Refund", str(paid), "One was cold", "Asha Rao", f"payment_refund:{back}"):
            assert shown in page
        assert "No money has moved" not in page


@pytest.mark.usefixtures("paid")
def test_a_settlement_that_came_back_with_its_fee(
    desk: FreshClient, ravi: User, shop: Merchant
) -> None:
    account, key = linked_account(ravi, "018100004471"), uuid4()
    settlements.prepare(ravi, shop, amount=Money(80_00), bank_account=account, key=key)
    settlements.pay(ravi, key, pin=PIN)
    with transaction():
        payouts.give_back(db.session.get_one(Payout, key), "account_closed")
    booked = movements(key)

    assert set(booked) == {f"settlement:{key}{end}" for end in ENDS}
    for reference in (key, *booked.values()):
        page = read(desk, reference)
        for shown in ("Settlement", "Ravi Kumar", "··4471", "₹79.20", "₹0.80", *booked):
            assert shown in page


def test_a_movement_that_is_part_of_nothing_else(desk: FreshClient, rich: User) -> None:
    transfer = db.session.scalars(select(Transfer).where(Transfer.kind == "topup")).one()

    page = read(desk, transfer.id)

    assert transfer.key in page
    assert "₹1,000.00" in page


def test_what_nobody_knows_is_404(desk: FreshClient, rich: User, ravi: User) -> None:
    sent(rich, ravi, "5")

    assert desk.get(f"/desk/operations/{uuid4()}").status_code == 404
    assert acts() == []
