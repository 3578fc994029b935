"""Monthly statements: they add up or there is none, and they can be printed."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from sqlalchemy import update

from batua_db import passbook
from batua_db.database import db, transaction
from batua_db.errors import NotFound, Unavailable
from batua_db.models.wallet import Bank, User
from batua_db.money import Money
from batua_dev.client import FreshClient
from batua_dev.lengths import at_length
from batua_dev.testing import Committed
from batua_ui.filters import INDIA
from batua_ui.months import Month
from batua_user.activity import statements

from .helpers import MakeUser, SignIn
from .past import Booked, write

JANUARY = datetime(2026, 1, 1, tzinfo=INDIA)
FEBRUARY = Month(date(2026, 2, 1), so_far=False)


def since(user: User, day: datetime) -> None:
    """Let a wallet be that old."""
    with transaction():
        db.session.execute(update(User).where(User.id == user.id).values(created_at=day))


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


@pytest.fixture
def asha(make_user: MakeUser) -> User:
    user = make_user("Asha Rao")
    since(user, JANUARY)
    return user


@pytest.mark.commits
def test_every_statement_adds_up_and_follows_the_one_before(
    committed: Committed, make_user: MakeUser, sbb: Bank
) -> None:
    """Over random pasts: minutes to weeks apart, up to nothing and up again."""

    @settings(
        max_examples=at_length(15, 200), deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(steps=st.lists(st.tuples(GAPS, st.integers(-5000_00, 5000_00)), max_size=25))
    def check(steps: list[tuple[timedelta, int]]) -> None:
        user = make_user()
        past = a_past(steps, sbb.float_account)
        write(committed, user.account_id, past)

        balance, seen = 0, 0
        for number in range(1, 13):
            made = statements.of(user, Month(date(2026, number, 1), so_far=False))
            own = [each.paise for each in past if each.at.month == number]
            assert made.opening == Money(balance)
            assert made.flow.came_in == Money(sum(each for each in own if each > 0))
            assert made.flow.went_out == Money(-sum(each for each in own if each < 0))
            balance += sum(own)
            assert made.closing == Money(balance)
            assert [line.amount.paise for line in made.lines] == own
            seen += len(own)
        assert seen == len(past)

    check()


GAPS = st.timedeltas(timedelta(), timedelta(days=12))


def a_past(steps: list[tuple[timedelta, int]], bank: UUID) -> list[Booked]:
    """What can be booked: never below nothing, and within the year."""
    past, at, balance = list[Booked](), JANUARY, 0
    for gap, paise in steps:
        at += gap
        paise = paise if balance + paise >= 0 else -balance
        if paise and at.year == 2026:
            past.append(Booked(at, paise, bank))
            balance += paise
    return past


@pytest.mark.commits
def test_one_that_does_not_add_up_is_refused_and_logged(
    committed: Committed,
    asha: User,
    sbb: Bank,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(committed, asha.account_id, [Booked(JANUARY, 100, sbb.float_account)])
    monkeypatch.setattr(passbook, "balance_at", lambda *_: Money(5))

    with pytest.raises(Unavailable, match="does not add up"):
        statements.of(asha, Month(date(2026, 1, 1), so_far=False))

    assert "a statement does not add up" in capsys.readouterr().out


@pytest.mark.commits
def test_each_way_of_not_adding_up_is_seen(committed: Committed, asha: User, sbb: Bank) -> None:
    ups = [Booked(JANUARY + timedelta(days=n), 100, sbb.float_account) for n in range(3)]
    write(committed, asha.account_id, ups)
    good = statements.of(asha, Month(date(2026, 1, 1), so_far=False))
    assert statements.adds_up(good)

    first, second, third = good.lines
    one = Money(1)
    for wrong in (
        replace(good, opening=good.opening + one),
        replace(good, closing=good.closing + one),
        replace(good, flow=replace(good.flow, came_in=good.flow.came_in + one)),
        replace(good, flow=replace(good.flow, went_out=one)),
        replace(good, lines=[first, third]),
        replace(good, lines=[second, first, third]),
        replace(good, lines=[first, replace(second, balance=second.balance + one), third]),
    ):
        assert not statements.adds_up(wrong)


@pytest.mark.commits
def test_it_says_who_when_and_what(
    committed: Committed, asha: User, sbb: Bank, signed_in: SignIn
) -> None:
    noon = datetime(2026, 2, 3, 12, 5, tzinfo=INDIA)
    bank = sbb.float_account
    write(
        committed,
        asha.account_id,
        [
            Booked(JANUARY, 100_000_00, bank, "topup"),
            Booked(noon, 50_00, bank, "topup"),
            Booked(noon, -1_250_50, bank, "bill", note="Lights"),
        ],
    )

    answer = signed_in(asha).get("/statements/2026-02.pdf")
    text = text_of(answer.data)

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    for shown in (
        *("February 2026", "Asha Rao", asha.phone[-4:], "3 Feb 2026", "12:05 pm"),
        *("₹1,00,000.00", "₹50.00", "₹1,250.50", "₹98,799.50", "State Bank of Batua"),
        *("Bill · Lights", "Page 1 of 1", "About this statement"),
    ):
        assert shown in text
    assert asha.phone[3:9] not in text.replace(" ", "")


@pytest.mark.commits
def test_many_lines_take_many_pages(
    committed: Committed, asha: User, sbb: Bank, signed_in: SignIn
) -> None:
    at = datetime(2026, 2, 1, tzinfo=INDIA)
    write(
        committed,
        asha.account_id,
        [Booked(at + timedelta(minutes=n), 100 + n, sbb.float_account) for n in range(90)],
    )

    pdf = PdfReader(BytesIO(signed_in(asha).get("/statements/2026-02.pdf").data))
    text = "\n".join(page.extract_text() for page in pdf.pages)

    assert len(pdf.pages) == 5
    assert "Page 5 of 5" in text
    assert re.findall(r"₹1\.[0-9]{2}\b", text)[:3] == ["₹1.00", "₹1.00", "₹1.01"]
    assert text.count("12:0") >= 10


@pytest.mark.commits
def test_more_than_paper_can_hold_is_refused(
    committed: Committed,
    asha: User,
    sbb: Bank,
    signed_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(statements, "MOST", 2)
    write(committed, asha.account_id, [Booked(JANUARY, 1, sbb.float_account) for _ in range(3)])

    answer = signed_in(asha).get("/statements/2026-01.pdf")

    assert answer.status_code == 422
    assert "CSV" in answer.text


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(
    "name",
    [
        *(
            "Meenakshi",
            "मीनाक्षी शर्मा",
            "கவிதா",
            "李小龍",
            "عائشة",
            "Zoë Ångström",
            "👩‍👩‍👧 Asha",
            "\u0301a",
        ),
        "क्‍ष" * 20,
        "W" * 64,
    ],
)
def test_any_name_can_be_printed(make_user: MakeUser, signed_in: SignIn, name: str) -> None:
    browser = signed_in(make_user(name, funds="10"))

    answer = browser.get(this_month())

    assert answer.status_code == 200
    assert len(PdfReader(BytesIO(answer.data)).pages) == 1


def this_month() -> str:
    return f"/statements/{datetime.now(INDIA):%Y-%m}.pdf"


@pytest.mark.usefixtures("session")
def test_this_month_is_so_far(make_user: MakeUser, signed_in: SignIn) -> None:
    text = text_of(signed_in(make_user(funds="10")).get(this_month()).data)

    assert "so far" in text
    assert "Balance now" in text


@pytest.mark.usefixtures("session")
def test_an_empty_month_is_a_statement_too(asha: User, signed_in: SignIn) -> None:
    text = text_of(signed_in(asha).get("/statements/2026-02.pdf").data)

    assert "Nothing came and nothing went." in text


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(
    "month",
    [
        *("2025-12", "2099-01", "2026-13", "2026-00", "2026-1", "x", "1999-12", "9999-12"),
        *("2026-02-01", "２０２６-02", "2026-02%00", "9" * 500),
    ],
)
def test_a_month_that_was_not_there_is_404(asha: User, signed_in: SignIn, month: str) -> None:
    answer = signed_in(asha).get(f"/statements/{month}.pdf")

    assert answer.status_code in ({400, 404} if "%00" in month else {404})


@pytest.mark.usefixtures("session")
def test_the_history_leads_to_the_last_twelve(make_user: MakeUser, signed_in: SignIn) -> None:
    old, new = make_user(), make_user()
    since(old, JANUARY.replace(year=2020))

    assert len(links(signed_in(old))) == 12
    assert links(signed_in(new)) == [this_month()]
    for path in links(signed_in(old))[1:3]:
        assert signed_in(old).get(path).status_code == 200


def links(browser: FreshClient) -> list[str]:
    return re.findall(r'href="(/statements/[^"]+)"', browser.get("/activity").text)


@pytest.mark.usefixtures("session")
def test_the_month_of_opening_is_the_first(make_user: MakeUser) -> None:
    user = make_user()
    since(user, datetime(2026, 2, 28, 20, tzinfo=INDIA))
    user = db.session.get_one(User, user.id)

    assert statements.find_month(user, "2026-02") == FEBRUARY
    with pytest.raises(NotFound):
        statements.find_month(user, "2026-01")


def test_a_month_has_its_last_day() -> None:
    assert FEBRUARY.last == date(2026, 2, 28)
    assert Month(date(2024, 2, 1), so_far=False).last == date(2024, 2, 29)
    assert Month(date(2026, 12, 1), so_far=False).last == date(2026, 12, 31)
