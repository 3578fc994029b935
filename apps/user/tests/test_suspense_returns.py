"""What came and could not be credited goes back to the account that paid, and says so."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from batua_bank import demo
from batua_bank.pay.service import approve
from batua_db import audit, ledger
from batua_db.database import db, transaction
from batua_db.models.bank import BankAccount, Customer
from batua_db.models.wallet import Message, Topup, User
from batua_db.money import Money
from batua_dev.client import FreshClient
from batua_dev.testing import Committed
from batua_user.topups import polling, returning

from .helpers import MakeUser, SignIn, add, make_due
from .next_door import NextDoor
from .the_bank import platform_at
from .webhook_books import steps, suspense

pytestmark = [pytest.mark.commits, pytest.mark.usefixtures("committed")]
ASHA = demo.CUSTOMERS[0]


@pytest.fixture
def meena(make_user: MakeUser) -> User:
    return make_user("Meena Iyer", tier="small")


@pytest.fixture
def browser(meena: User, signed_in: SignIn) -> FreshClient:
    return signed_in(meena)


def savings() -> Any:
    db.session.commit()
    mine = select(BankAccount.id).where(BankAccount.number == ASHA.account)
    return db.session.scalars(mine).one()


@pytest.fixture
def topup(browser: FreshClient, meena: User, door: NextDoor, make_user: MakeUser) -> UUID:
    """₹9,000 that the bank has paid, and a wallet that has no more room for them."""
    add(browser, "9,000")
    topup = db.session.scalars(select(Topup)).one()
    ravi = make_user(funds="5,000")
    with transaction():
        ledger.move(
            Money(5_000_00),
            debit=ravi.account_id,
            credit=meena.account_id,
            kind="send",
            key=str(uuid4()),
        )
    with door.app.app_context():
        customer = db.session.scalars(select(Customer).where(Customer.number == ASHA.number)).one()
        token = (topup.session_url or "").rpartition("/")[2]
        approve(customer, token, account=savings(), mpin=demo.MPIN, key=uuid4())
    poll()
    assert suspense() == Money(9_000_00)
    return topup.id


def poll() -> None:
    make_due()
    polling.poll()


def state() -> str:
    db.session.commit()
    return db.session.scalars(select(Topup.state)).one()


def test_it_goes_back_by_itself(
    topup: UUID, browser: FreshClient, meena: User, committed: Committed
) -> None:
    assert "goes back to your bank" in browser.get(f"/add-money/{topup}").text

    poll()

    assert state() == "refunded"
    assert suspense() == Money(0)
    assert ledger.balance(savings()) == demo.FUNDS
    page = browser.get(f"/add-money/{topup}").text
    assert 'data-state="refunded"' in page
    assert "is back at your bank" in page
    told = db.session.scalars(select(Message.text).where(Message.to == meena.phone)).all()
    assert [text for text in told if "is back in your account" in text]
    (bank,) = [each for each in _proof(committed).reconciliation if each.bank == "SBB"]
    assert [item for item in bank.explained if item["reference"].startswith(str(topup))] == []


@pytest.mark.parametrize("fault", ["lost", "unheard"])
def test_a_lost_answer_refunds_once(topup: UUID, door: NextDoor, fault: str) -> None:
    door.faults = [fault, fault]
    poll()
    poll()
    assert state() == "captured"

    poll()

    assert state() == "refunded"
    assert ledger.balance(savings()) == demo.FUNDS
    assert db.session.scalar(text("SELECT count(*) FROM bank.refund")) == 1


def test_what_the_bank_cannot_take_waits_for_a_person(
    topup: UUID, browser: FreshClient, door: NextDoor
) -> None:
    with transaction():
        cash = db.session.scalars(text("SELECT cash_account FROM bank.bank LIMIT 1")).one()
        left = ledger.balance(savings())
        ledger.move(left, debit=savings(), credit=cash, kind="cash", key="emptied")
    with transaction():
        ledger.set_status(savings(), "closed")

    poll()
    poll()

    assert state() == "captured"
    assert suspense() == Money(9_000_00)
    assert steps(topup)[-1][0] == "kept"
    assert [what for what, _ in steps(topup)].count("kept") == 1
    assert "We are looking at it" in browser.get(f"/add-money/{topup}").text


def test_it_goes_back_once_there_is_enough_of_ours_at_the_bank(
    topup: UUID, browser: FreshClient, committed: Committed
) -> None:
    """Payouts may have drained our account there; that passes, and nobody has to look."""
    with transaction():
        ledger.move(Money(8_000_00), debit=ours(), credit=savings(), kind="payout", key="out")
    for times in (1, 2):
        poll()
        assert state() == "captured"
        assert [what for what, _ in steps(topup)].count("short") == times
    assert "goes back to your bank" in browser.get(f"/add-money/{topup}").text
    with transaction():
        ledger.move(Money(8_000_00), debit=savings(), credit=ours(), kind="payment", key="in")

    poll()

    assert state() == "refunded"
    assert ledger.balance(savings()) == demo.FUNDS
    assert "kept" not in [what for what, _ in steps(topup)]


def test_after_too_many_times_a_person_looks(topup: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returning, "MOST_SHORT", 1)
    with transaction():
        ledger.move(Money(8_000_00), debit=ours(), credit=savings(), kind="payout", key="out")
    for _ in range(3):
        poll()

    assert [what for what, _ in steps(topup)][-2:] == ["short", "kept"]


def ours() -> UUID:
    return platform_at("SBB")


def _proof(committed: Committed) -> Any:
    return audit.prove(committed.engine, committed.engine)
