"""A bank that is remembered: gone to once, and then money comes from it with the PIN alone."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from batua_bank import demo
from batua_bank.clients import registry
from batua_bank.consents import service as at_bank
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import NotFound
from batua_db.models.bank import Customer, Payment
from batua_db.models.ledger import Transfer
from batua_db.models.links import BankLink
from batua_db.models.netbanking import Consent
from batua_db.models.outbox import Event
from batua_db.models.wallet import Topup, User
from batua_db.money import Money
from batua_dev.client import FreshClient, fresh_client
from batua_user.links import asking, service
from batua_user.topups import polling
from batua_user.webhooks import service as webhooks

from .helpers import PIN, Balance, SignIn, add, key_of, make_due, press, token_of, topups
from .next_door import NextDoor
from .the_bank import letter

pytestmark = [pytest.mark.commits, pytest.mark.usefixtures("committed", "door")]

Link = Callable[..., UUID]


@pytest.fixture
def link(browser: FreshClient, bank_app: Flask) -> Link:
    """``link("700")``: Asha adds ₹500 at SBB, and allows ₹700 a month from then on."""

    def go(cap: str = "2,000", tick: str = "y") -> UUID:
        there = add(browser, remember="y").location
        path = there.removeprefix("http://localhost:3002")
        customer = fresh_client(bank_app)
        customer.submit(path, customer_id="10000001", password=demo.PASSWORD)
        account = demo_account("10000001")
        terms = {"account": str(account), "mpin": demo.MPIN, "action": "approve"}
        consent = {"consent": "y", "cap": cap} if tick else {}
        done = customer.submit(f"{path}/approve", **terms, **consent)
        assert done.status_code == 303, done.text
        make_due()
        assert polling.poll() == 1
        assert asking.poll() >= 1
        newest = select(BankLink.id).order_by(BankLink.created_at.desc()).limit(1)
        return db.session.scalars(newest).one()

    return go


def demo_account(number: str) -> UUID:
    from batua_bank.pay.queries import sources

    customer = db.session.scalars(select(Customer).where(Customer.number == number)).one()
    return sources(customer)[0].id


def at_sbb() -> Money:
    """What our account at SBB has."""
    db.session.commit()
    return ledger.balance(registry.platform_account("wallet", "SBB"))


def again(
    browser: FreshClient, link_id: UUID, amount: str = "120", pin: str = PIN, **more: str
) -> TestResponse:
    return browser.submit(f"/add-money/from/{link_id}", amount=amount, pin=pin, **more)


def states() -> list[str]:
    return [state for state, _ in topups()]


def link_row(link_id: UUID) -> BankLink:
    db.session.commit()
    return db.session.get_one(BankLink, link_id)


def told_twice() -> None:
    """Let every webhook of the bank come, twice."""
    for event in db.session.scalars(select(Event)).all():
        webhooks.receive(*letter(event))
        webhooks.receive(uuid4().hex, letter(event)[1])


def test_a_bank_is_gone_to_once(
    browser: FreshClient, asha: User, link: Link, door: NextDoor, balance: Balance
) -> None:
    link_id = link()
    row = link_row(link_id)
    assert (row.state, row.account, row.cap) == ("active", "4471", Money(2_000_00))
    page = browser.get("/add-money")
    assert "From State Bank of Batua ··4471" in page.text
    door.calls.clear()

    answer = again(browser, link_id)

    topup = db.session.scalars(select(Topup).where(Topup.link_id == link_id)).one()
    assert (answer.status_code, answer.location) == (303, f"/add-money/{topup.id}")
    assert "POST /api/v1/payments" in door.calls
    assert "POST /api/v1/payment-sessions" not in door.calls
    assert states() == ["credited", "credited"]
    told_twice()
    assert balance(asha) == Money(620_00) == at_sbb()
    said = browser.get(answer.location).text
    assert "as you allow" in said
    assert "You approved" not in said


def test_who_does_not_agree_at_the_bank_is_not_linked(browser: FreshClient, link: Link) -> None:
    row = link_row(link(tick=""))

    assert (row.state, row.ended_why) == ("ended", "not_given")
    assert "Without going to the bank" not in browser.get("/add-money").text
    assert "No bank is linked" in browser.get("/settings/banks").text


def test_the_pin_is_for_this_amount_and_counted(
    browser: FreshClient, link: Link, asha: User, balance: Balance, door: NextDoor
) -> None:
    link_id = link()
    door.calls.clear()

    wrong = again(browser, link_id, pin="000000")

    assert wrong.status_code == 422
    assert "4 tries left" in wrong.text
    assert "POST /api/v1/payments" not in door.calls
    assert states() == ["credited"]
    assert balance(asha) == Money(500_00)


def test_the_same_form_again_adds_once(
    browser: FreshClient, link: Link, asha: User, balance: Balance
) -> None:
    link_id = link()
    key = key_of(browser.get(f"/add-money/from/{link_id}"))
    first, second = (again(browser, link_id, key=key) for _ in range(2))
    other = again(browser, link_id, amount="121", key=key)

    assert first.location == second.location
    assert other.status_code == 409
    assert balance(asha) == Money(620_00)


def test_revoked_at_the_bank_it_is_refused_and_led_there(
    browser: FreshClient, link: Link, asha: User, balance: Balance
) -> None:
    link_id = link()
    page = browser.get(f"/add-money/from/{link_id}")
    consent = db.session.scalars(select(Consent)).one()
    owner = db.session.get_one(Customer, consent.customer_id)
    at_bank.revoke(owner, consent.id)

    form = {"csrf_token": token_of(page), "key": key_of(page), "amount": "120", "pin": PIN}
    answer = browser.post(f"/add-money/from/{link_id}", data=form)

    assert answer.status_code == 422
    assert "You have ended this at State Bank of Batua" in answer.text
    assert 'href="/add-money?amount=120&amp;bank=SBB"' in answer.text
    assert states() == ["credited", "failed"]
    assert link_row(link_id).state == "ended"
    assert balance(asha) == Money(500_00)
    later = browser.get(f"/add-money/from/{link_id}").text
    assert "is not linked any more" in later
    assert 'name="pin"' not in later


def test_more_than_is_allowed_is_told_and_the_link_stays(
    browser: FreshClient, link: Link, asha: User, balance: Balance
) -> None:
    link_id = link("700")
    assert "₹700.00" in browser.get(f"/add-money/from/{link_id}").text

    answer = again(browser, link_id, amount="701")

    assert answer.status_code == 422
    assert "more than you allow" in answer.text
    assert link_row(link_id).state == "active"
    assert again(browser, link_id, amount="700").status_code == 303
    assert balance(asha) == Money(1200_00)


@pytest.mark.parametrize("fault", ["lost", "unheard"])
def test_an_answer_that_is_lost_is_asked_for_again_with_the_same_key(
    browser: FreshClient, link: Link, asha: User, balance: Balance, door: NextDoor, fault: str
) -> None:
    link_id = link()
    key = key_of(browser.get(f"/add-money/from/{link_id}"))
    door.faults[:] = ["", fault]  # the page itself looks first
    answer = again(browser, link_id, key=key)

    assert answer.status_code == 303
    assert states() == ["credited", "pending"]
    assert 'data-state="pending"' in browser.get(answer.location).text
    taken = db.session.query(Payment).filter(Payment.consent_id.is_not(None)).count()
    assert taken == (fault == "unheard")
    if fault == "unheard":
        told_twice()  # the news comes before we ask
    make_due()
    polling.poll()
    make_due()
    polling.poll()

    assert states() == ["credited", "credited"]
    assert balance(asha) == Money(620_00) == at_sbb()
    keys = select(func.count()).select_from(Transfer).where(Transfer.key.like("topup:%:settle"))
    assert db.session.scalar(keys) == 2


def test_unlinked_it_is_used_no_more_and_the_bank_is_told(
    browser: FreshClient, link: Link, door: NextDoor
) -> None:
    link_id = link()
    door.faults[:] = ["lost"]
    answer = press(browser, f"/settings/banks/{link_id}/unlink", "/settings/banks")

    assert answer.status_code == 303
    assert link_row(link_id).state == "ending"
    assert again_is_not_offered(browser, link_id)
    asking.poll()
    assert link_row(link_id).state == "ending"
    with transaction():
        db.session.execute(update(BankLink).values(check_at=func.clock_timestamp()))
    asking.poll()
    assert (link_row(link_id).state, link_row(link_id).ended_why) == ("ended", "unlinked")
    consent = db.session.scalars(select(Consent)).one()
    assert (consent.status, consent.revoked_by) == ("revoked", "platform")


def again_is_not_offered(browser: FreshClient, link_id: UUID) -> bool:
    page = browser.get(f"/add-money/from/{link_id}").text
    return 'name="pin"' not in page and "Without going" not in browser.get("/add-money").text


def test_the_same_account_is_linked_once(link: Link) -> None:
    first, second = link(), link("1,000")

    assert (link_row(first).state, link_row(first).ended_why) == ("ended", "replaced")
    assert link_row(second).state == "active"
    assert sorted(db.session.scalars(select(Consent.status))) == ["active", "revoked"]


def test_a_link_of_somebody_else_is_not_there(link: Link, ravi: User, signed_in: SignIn) -> None:
    link_id, other = link(), signed_in(ravi)
    with_token = press(other, f"/settings/banks/{link_id}/unlink", "/settings")
    with pytest.raises(NotFound):
        service.unlink(ravi, link_id)

    assert other.get(f"/add-money/from/{link_id}").status_code == 404
    assert with_token.status_code == 404
    assert link_row(link_id).state == "active"


def test_ten_clicks_at_once_add_once(
    user_app: Flask, browser: FreshClient, link: Link, asha: User, balance: Balance
) -> None:
    link_id, owner = link(), asha.id
    key, together = uuid4(), Barrier(10)

    def click(_: int) -> UUID:
        from batua_user.topups import linked, opening

        with user_app.app_context():
            user = db.session.get_one(User, owner)
            together.wait()
            topup_id, new = linked.ask(user, link_id, amount=Money(120_00), pin=PIN, key=key)
            if new:
                opening.open_at_bank(topup_id)
            return topup_id

    with ThreadPoolExecutor(10) as pool:
        assert len(set(pool.map(click, range(10)))) == 1
    assert balance(asha) == Money(620_00) == at_sbb()
