"""Me and one other person: what went both ways, and nobody else's."""

import re
from uuid import uuid4

import pytest

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.wallet import SendOrder, User
from batua_db.money import Money
from batua_user.activity import people

from .helpers import MakeUser, SignIn

pytestmark = pytest.mark.usefixtures("session")


def pay(sender: User, payee: User, rupees: int, note: str = "") -> ledger.Moved:
    """As the page of sending does it: an order first."""
    order, amount = uuid4(), Money(rupees * 100)
    with transaction():
        db.session.add(
            SendOrder(id=order, sender_id=sender.id, payee_id=payee.id, amount=amount, note=note)
        )
        return ledger.move(
            amount,
            debit=sender.account_id,
            credit=payee.account_id,
            kind="send",
            key=f"send:{order}",
            note=note,
        )


@pytest.fixture
def asha(make_user: MakeUser) -> User:
    return make_user("Asha Rao", funds="1000")


@pytest.fixture
def ravi(make_user: MakeUser) -> User:
    return make_user("Ravi Kumar", funds="500")


def test_it_shows_what_went_both_ways(
    asha: User, ravi: User, make_user: MakeUser, signed_in: SignIn
) -> None:
    lila = make_user("Lila Bose", funds="100")
    pay(asha, ravi, 120, "Dosa")
    pay(ravi, asha, 20, "Change")
    pay(lila, asha, 7, "Not his business")

    mine = signed_in(asha).get(f"/people/{ravi.id}").text
    theirs = signed_in(ravi).get(f"/people/{asha.id}").text

    for shown in ("You and", "Ravi Kumar", "−₹120.00", "+₹20.00", "Dosa", "Change"):
        assert shown in mine
    assert f'href="/send?to={ravi.id}"' in mine
    assert "Not his business" not in mine
    assert "₹1,000.00" not in mine
    for shown in ("Asha Rao", "+₹120.00", "−₹20.00"):
        assert shown in theirs


def test_only_those_i_have_payments_with_are_there(
    asha: User, ravi: User, make_user: MakeUser, signed_in: SignIn
) -> None:
    lila = make_user("Lila Bose")
    pay(asha, ravi, 1)
    with transaction():  # about to be paid, but never was
        terms = {"sender_id": asha.id, "payee_id": lila.id, "amount": Money(1)}
        db.session.add(SendOrder(id=uuid4(), **terms))
    browser = signed_in(asha)

    assert browser.get(f"/people/{ravi.id}").status_code == 200
    for stranger in (lila.id, asha.id, uuid4(), asha.account_id):
        assert browser.get(f"/people/{stranger}").status_code == 404
    assert signed_in(lila).get(f"/people/{asha.id}").status_code == 404


def test_a_correction_is_between_the_two(asha: User, ravi: User) -> None:
    wrong = pay(asha, ravi, 120)
    with transaction():
        ledger.move(
            Money(120_00),
            debit=ravi.account_id,
            credit=asha.account_id,
            kind="correction",
            key=f"correction:{uuid4()}",
            reverses=wrong.id,
        )

    pair = people.between(asha, ravi.id)

    assert [line.kind for line in pair.page.lines] == ["correction", "send"]
    assert pair.flow.came_in == pair.flow.went_out == Money(120_00)


def test_a_long_friendship_is_read_page_by_page(
    asha: User, ravi: User, make_user: MakeUser, signed_in: SignIn
) -> None:
    lila = make_user("Lila Bose", funds="100")
    for n in range(40):
        pay(asha, ravi, 1, f"number {n:02}")
        if n % 3 == 0:
            pay(lila, asha, 1, "between")
    browser, path, seen = signed_in(asha), f"/people/{ravi.id}", []
    while path:
        page = browser.get(path).text
        seen += re.findall(r"number [0-9]{2}", page)
        older = re.search(rf'href="(/people/{ravi.id}\?after=[0-9]+)"', page)
        path = older[1] if older else ""

    assert seen == [f"number {n:02}" for n in range(39, -1, -1)]


def test_who_paid_me_can_be_paid_back(asha: User, ravi: User, signed_in: SignIn) -> None:
    pay(ravi, asha, 5)
    shown = ravi.phone[3:8] + " " + ravi.phone[8:]

    assert f'value="{shown}"' in signed_in(asha).get(f"/send?to={ravi.id}").text


def test_a_stranger_is_not_filled_in(asha: User, ravi: User, signed_in: SignIn) -> None:
    assert ravi.phone[8:] not in signed_in(asha).get(f"/send?to={ravi.id}").text


def test_receipts_lead_there(asha: User, ravi: User, signed_in: SignIn) -> None:
    sent = pay(asha, ravi, 5)

    page = signed_in(asha).get(f"/activity/{sent.id}").text

    assert f'href="/people/{ravi.id}"' in page
    assert f'href="/send?to={ravi.id}"' in page
