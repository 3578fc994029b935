"""History and receipts: my own lines, in order, each with the balance after it."""

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from batua_db import ledger
from batua_db.database import transaction
from batua_db.models.wallet import Bank, User
from batua_db.money import Money
from batua_db.passbook import Page
from batua_user.activity import queries
from batua_user.activity.days import by_day
from batua_user.activity.lines import Line
from batua_user.activity.parties import Party

from .helpers import MakeUser, SignIn

pytestmark = pytest.mark.usefixtures("session")


def send(sender: User, payee: User, rupees: int, note: str = "") -> str:
    with transaction():
        moved = ledger.move(
            Money(rupees * 100),
            debit=sender.account_id,
            credit=payee.account_id,
            kind="send",
            key=f"send:{uuid4()}",
            note=note,
        )
    return str(moved.id)


@pytest.fixture
def asha(make_user: MakeUser) -> User:
    return make_user("Asha Rao", funds="1000")


@pytest.fixture
def ravi(make_user: MakeUser) -> User:
    return make_user("Ravi Kumar")


def test_each_line_says_who_what_and_what_was_left(
    asha: User, ravi: User, signed_in: SignIn
) -> None:
    send(asha, ravi, 120, "Dosa & <b>idli</b>")
    send(ravi, asha, 20)

    mine = signed_in(asha).get("/activity").text
    theirs = signed_in(ravi).get("/activity").text

    for shown in ("State Bank of Batua", "+₹1,000.00", "−₹120.00", "₹880.00", "+₹20.00", "₹900.00"):
        assert shown in mine
    assert "Dosa &amp; &lt;b&gt;idli&lt;/b&gt;" in mine
    for shown in ("Asha Rao", "+₹120.00", "−₹20.00", "₹100.00"):
        assert shown in theirs
    assert "₹880.00" not in theirs
    mine = mine.partition('class="day"')[2]
    assert mine.index("+₹20.00") < mine.index("−₹120.00") < mine.index("+₹1,000.00")


def test_a_long_history_is_read_page_by_page(asha: User, ravi: User, signed_in: SignIn) -> None:
    for n in range(1, 65):
        send(asha, ravi, 1, f"number {n:02}")
    browser, path, seen = signed_in(asha), "/activity", []
    while path:
        page = browser.get(path).text
        seen += re.findall(r"number [0-9]{2}", page)
        older = re.search(r'href="(/activity\?after=[0-9]+)"', page)
        path = older[1] if older else ""

    assert seen == [f"number {n:02}" for n in range(64, 0, -1)]


@pytest.mark.parametrize("after", ["", "x", "-1", "1.5", "९", "9" * 30, "0", "99999999999"])
def test_any_cursor_is_answered(asha: User, signed_in: SignIn, after: str) -> None:
    answer = signed_in(asha).get("/activity", query_string={"after": after})

    assert answer.status_code == 200


def test_an_empty_history_says_what_will_be_there(ravi: User, signed_in: SignIn) -> None:
    browser = signed_in(ravi)

    assert "Nothing here yet" in browser.get("/activity").text
    assert "Your purse is open" in browser.get("/").text


def test_a_receipt_is_for_the_two(
    asha: User, ravi: User, make_user: MakeUser, signed_in: SignIn
) -> None:
    path = f"/activity/{send(asha, ravi, 120, 'Dosa')}"

    mine, theirs = signed_in(asha).get(path), signed_in(ravi).get(path)

    assert "You sent" in mine.text
    assert "₹880.00" in mine.text
    assert "You received" in theirs.text
    assert "₹880.00" not in theirs.text
    assert signed_in(make_user()).get(path).status_code == 404


def test_a_receipt_of_money_added_names_the_bank(asha: User, sbb: Bank, signed_in: SignIn) -> None:
    line = queries.history(asha).lines[0]

    page = signed_in(asha).get(f"/activity/{line.transfer_id}")

    assert "You added" in page.text
    assert "State Bank of Batua" in page.text


def test_two_people_interleaved_never_see_each_other(
    asha: User, ravi: User, make_user: MakeUser, signed_in: SignIn
) -> None:
    """Page after page, one after the other, through one app."""
    lila = make_user("Lila Bose", funds="77")
    send(asha, ravi, 5, "secret of Asha")
    own = {asha: ("Asha Rao", "₹995.00"), lila: ("Lila Bose", "₹77.00")}
    browsers = {person: signed_in(person) for person in own}
    for path in ("/", "/activity", "/add-money", "/send", "/settings", "/settings/pin", "/"):
        for person, browser in browsers.items():
            page = browser.get(path).text
            other = next(each for each in own if each is not person)
            assert own[person][0] in page
            assert own[other][0] not in page
            assert own[other][1] not in page
            assert other.phone[3:8] not in page or other.phone[:8] == person.phone[:8]
            assert ("secret of Asha" in page) == (person is asha and path in {"/", "/activity"})


def test_home_counts_what_there_is_now(asha: User, ravi: User, signed_in: SignIn) -> None:
    browser = signed_in(asha)
    assert 'data-balance="100000"' in browser.get("/").text
    send(asha, ravi, 1)

    assert 'data-balance="99900"' in browser.get("/").text


def line(day: int, amount: int, hour: int = 10) -> Line:
    at = datetime(2026, 1, day, hour, tzinfo=UTC)
    money = Money(amount)
    asha = Party("person", "1", "Asha")
    return Line(1, uuid4(), "send", money, money, at, at, "", None, "send:x", asha)


def test_a_days_net_is_shown_when_all_of_it_is() -> None:
    page = Page([line(3, 5), line(3, -2), line(2, 7), line(1, 1)], older=9, of=20)

    first = [day.net for day in by_day(page, first=True)]
    later = [day.net for day in by_day(page, first=False)]

    assert first == [Money(3), Money(7), None]
    assert later == [None, Money(7), None]


def test_days_are_those_of_india() -> None:
    page = Page([line(2, 1, hour=19), line(2, 1, hour=17)], older=None, of=2)

    assert [day.date.day for day in by_day(page, first=True)] == [3, 2]
