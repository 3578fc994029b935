"""Our book against the real bank next door: news withheld, two workers, a bank restored."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, func, select, text

from batua_bank import demo
from batua_bank.pay.service import approve
from batua_db import audit, ledger
from batua_db.database import db, transaction
from batua_db.models.bank import BankAccount, Customer, Payment
from batua_db.models.desk import BankEntry, Difference
from batua_db.models.wallet import Bank, Topup, User
from batua_db.money import Money
from batua_dev.client import FreshClient
from batua_dev.testing import Committed
from batua_dev.testrun import sqlalchemy_url
from batua_user.payouts import asking
from batua_user.payouts import service as payouts
from batua_user.reconciliation.service import compare, reconcile
from batua_user.topups import polling

from .helpers import add, make_due, token_of
from .next_door import NextDoor
from .statement import book, halted, items, later, standing
from .test_withdraw import due, link
from .the_bank import platform_at

pytestmark = [pytest.mark.commits, pytest.mark.usefixtures("committed", "door")]
ASHA = demo.CUSTOMERS[0]


@pytest.fixture
def paid(browser: FreshClient, door: NextDoor) -> UUID:
    """₹500 that the bank has moved, and whose news is withheld."""
    return pay(browser, door)


def pay(browser: FreshClient, door: NextDoor) -> UUID:
    add(browser, "500")
    db.session.commit()
    topup = db.session.scalars(select(Topup).order_by(Topup.created_at.desc()).limit(1)).one()
    with door.app.app_context():
        customer = db.session.scalars(select(Customer).where(Customer.number == ASHA.number)).one()
        token = (topup.session_url or "").rpartition("/")[2]
        savings = db.session.scalars(
            select(BankAccount.id).where(BankAccount.number == ASHA.account)
        ).one()
        approve(customer, token, account=savings, mpin=demo.MPIN, key=uuid4())
        db.session.commit()
    return topup.id


def poll() -> None:
    make_due()
    polling.poll()


def agrees_with_audit(committed: Committed) -> bool:
    """Whether the audit, which sees both books, says the same."""
    proof = audit.prove(committed.engine, committed.engine)
    (there,) = [each for each in proof.reconciliation if each.bank == "SBB"]
    here = standing().found
    return (here.platform, here.float, here.on_its_way, here.difference) == (
        *(there.platform, there.float, there.on_its_way, there.difference),
    )


def test_withheld_news_is_named_and_gone_when_it_comes(paid: UUID, committed: Committed) -> None:
    assert reconcile() == len(demo.BANKS)
    assert items() == [("on its way", str(paid), 500_00, False)]
    assert agrees_with_audit(committed)

    poll()
    reconcile()

    assert items() == []
    assert agrees_with_audit(committed)


def test_a_payout_and_what_stops_the_next(
    browser: FreshClient, asha: User, door: NextDoor, committed: Committed, paid: UUID
) -> None:
    poll()
    link(browser)
    account = browser.get("/withdraw").text.partition('name="bank_account"')[2]
    account = account.partition('value="')[2].partition('"')[0]
    where = browser.submit("/withdraw", amount="200", bank_account=account).location
    browser.post(where, data={"pin": "246810", "csrf_token": token_of(browser.get(where))})
    door.work()
    compare("SBB")
    (out,) = items()
    assert (out[0], out[2], out[3]) == ("on its way", -200_00, False)
    due()
    asking.poll()
    compare("SBB")
    assert items() == []
    assert agrees_with_audit(committed)

    with transaction():
        payouts.halt("a test")
    answer = browser.submit("/withdraw", amount="100", bank_account=account)

    assert answer.status_code in {422, 503}
    assert "we are checking our books" in answer.text


def test_four_workers_at_once_read_and_count_once(
    browser: FreshClient, door: NextDoor, committed: Committed, sbb: object
) -> None:
    with transaction():
        platform = platform_at("SBB")
        savings = db.session.scalars(
            select(BankAccount.id).where(BankAccount.number == ASHA.account)
        ).one()
    for number in range(30):
        with transaction():
            details = {"reference": f"many-{number}"}
            terms = {"kind": "payment", "key": f"many:{number}", "details": details}
            ledger.move(Money(1_00), debit=savings, credit=platform, **terms)

    def work(_: int) -> None:
        with committed.app.app_context():
            compare("SBB")
            db.session.remove()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(12)))
    compare("SBB")

    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(BankEntry)) == 30
    moved = db.session.scalars(select(Difference.moved)).all()
    assert sorted(map(str, moved)) == ["₹1.00"] * 30
    assert standing().found.platform == 30_00
    assert halted() == ""


def test_a_restored_older_bank_stops_payouts_and_names_what_it_lost(
    browser: FreshClient, door: NextDoor, committed: Committed, paid: UUID
) -> None:
    poll()
    lost = pay(browser, door)
    poll()
    compare("SBB")
    assert items() == []

    restore_before_the_last_payment(committed)
    compare("SBB")
    assert "The statement of SBB can’t be true: it ends at line 1, and had 2" in halted()
    compare("SBB")
    later()
    compare("SBB")

    assert items() == [("missing at the bank", str(lost), -500_00, True)]
    assert standing().found.difference == -500_00
    assert agrees_with_audit(committed)


BACK = (
    "SET LOCAL session_replication_role = replica",
    "UPDATE ledger.account a SET version = a.version - 1, balance = a.balance - e.amount"
    " FROM ledger.entry e WHERE e.account_id = a.id AND e.transfer_id = :last",
    "DELETE FROM ledger.entry WHERE transfer_id = :last",
    "DELETE FROM ledger.transfer WHERE id = :last",
    "DELETE FROM bank.payment WHERE transfer_id = :last",
)


def restore_before_the_last_payment(committed: Committed) -> None:
    """Make the bank's database what it was before, row by row."""
    last = db.session.scalars(
        select(Payment.transfer_id).order_by(Payment.captured_at.desc()).limit(1)
    ).one()
    db.session.commit()
    engine = create_engine(sqlalchemy_url(committed.admin_url))
    with engine.begin() as connection:
        for statement in BACK:
            bound = {"last": last} if ":last" in statement else {}
            connection.execute(text(statement), bound)
    engine.dispose()


def test_a_bank_away_is_read_when_it_is_back(
    browser: FreshClient, door: NextDoor, paid: UUID, sbb: object
) -> None:
    door.faults = ["lost", "unheard"]
    assert not compare("SBB")
    assert not compare("SBB")

    assert compare("SBB")

    assert items() == [("on its way", str(paid), 500_00, False)]


def test_money_booked_here_that_the_bank_never_moved_stops_payouts(
    sbb: object, asha: User, door: NextDoor
) -> None:
    book(db.session.get_one(Bank, "SBB"), asha, 9_00, "invented")
    compare("SBB")
    later()
    compare("SBB")

    assert "missing at the bank, reference invented" in halted()
