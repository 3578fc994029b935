"""Looking for something in a history: what is found, and that pages lose and repeat nothing."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batua_db.models.wallet import Bank, User
from batua_db.money import Money
from batua_db.passbook import Page
from batua_dev.lengths import at_length
from batua_dev.testing import Committed
from batua_ui.filters import INDIA
from batua_user.activity import kinds, queries
from batua_user.activity.lines import Line
from batua_user.activity.parties import Party
from batua_user.activity.wanted import Wanted

from .helpers import MakeUser, SignIn
from .past import Booked, write
from .test_activity import send

BEGIN = datetime(2026, 1, 30, 22, tzinfo=INDIA)
NOTES = ["Dosa", "दोसा", "Rent for May", "100", ""]
LINE = Line(
    version=1,
    transfer_id=UUID("01a207a3-fa2e-7245-a002-9c44cc2d7683"),
    kind="send",
    amount=Money(-1250_50),
    balance=Money(0),
    at=BEGIN,
    happened_at=BEGIN,
    note="Dinner at Vidyarthi Bhavan",
    reverses=None,
    key="send:x",
    party=Party("person", "1", "Ravi Kumar", "+919876500002"),
)


@pytest.mark.parametrize(
    "typed",
    [
        *("ravi", "KUMAR", "dinner", "Bhavan ravi", "  dinner   at ", "sent", "", "ＲＡＶＩ"),
        *("1250.50", "1,250.50", "₹ 1250.5", "₹1,250.50", "ravi 1250.50"),
        *("−₹1,250.50", "-1250.50", "₹ 1250.5 ravi", "Rs 1250.50", "Rs. 1,250.50", "INR 1250.5"),
        *("98765 00002", "+91 98765 00002", "9876500002", "0002", "98765-00002"),
        *("01a207a3", "01a207a3-fa2e-7245-a002-9c44cc2d7683", "01A207A3-FA2E"),
    ],
)
def test_a_line_is_found_by(typed: str) -> None:
    assert Wanted(text=typed).finds(LINE)


@pytest.mark.parametrize(
    "typed",
    [
        *("asha", "ravi asha", "dinner lunch", "1250", "1250.5.0", "+₹1,250.50", "125050"),
        *("98765 00003", "+92 98765", "7a", "ff207a3-fa2e", "%", "_", "ravi%", ".*"),
    ],
)
def test_a_line_is_not_found_by(typed: str) -> None:
    assert not Wanted(text=typed).finds(LINE)


def test_a_merchant_without_a_phone_is_not_found_by_digits() -> None:
    assert not Wanted(text="00002").finds(replace(LINE, party=Party("bank", "SBB", "Bank")))


@pytest.mark.usefixtures("session")
def test_search_and_chips_are_in_the_page(make_user: MakeUser, signed_in: SignIn) -> None:
    asha, ravi = make_user("Asha Rao", funds="1000"), make_user("Ravi Kumar")
    send(asha, ravi, 120, "Dosa")
    send(ravi, asha, 20, "Change")
    browser = signed_in(asha)

    def found(query: str) -> list[str]:
        page = browser.get(f"/activity?{query}")
        assert page.status_code == 200
        return re.findall(r"[+−]₹[0-9,.]+(?=</data><small>)", page.text)

    assert found("q=dosa") == ["−₹120.00"]
    assert found("q=ravi") == ["+₹20.00", "−₹120.00"]
    assert found(f"q={ravi.phone[-5:]}") == ["+₹20.00", "−₹120.00"]
    assert found("kind=topup") == ["+₹1,000.00"]
    assert found("kind=out") == ["−₹120.00"]
    assert found("kind=in&q=ravi") == ["+₹20.00"]
    page = browser.get("/activity?q=ravi&kind=in&from=2026-01-01").text
    assert 'href="/activity?kind=out&amp;q=ravi&amp;from=2026-01-01"' in page
    assert 'href="/activity.csv?q=ravi&amp;kind=in&amp;from=2026-01-01"' in page
    assert 'name="kind" value="in"' in page


@pytest.mark.usefixtures("session")
def test_nothing_found_leads_back_to_everything(make_user: MakeUser, signed_in: SignIn) -> None:
    page = signed_in(make_user(funds="10")).get("/activity?q=nobody").text

    assert "Nothing found" in page
    assert '<a class="btn" href="/activity">Show everything</a>' in page


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=2026-02-30", "Choose a day"),
        ("to=31.01.2026", "Choose a day"),
        ("from=1999-01-01", "Choose a day"),
        ("to=9999-12-31", "Choose a day"),
        ("from=20260101", "Choose a day"),
        ("from=2026-02-02&to=2026-02-01", "not before From"),
        ("kind=everything", "no such kind"),
        ("kind=%FF", "no such kind"),
        ("q=" + "x" * 5000, "80 characters"),
        ("from=%ED%A0%80&to=%FF", "Choose a day"),
        ("from=" + "9" * 5000, "Choose a day"),
    ],
)
def test_what_cannot_be_looked_for_is_said(
    make_user: MakeUser, signed_in: SignIn, query: str, said: str
) -> None:
    browser = signed_in(make_user(funds="10"))

    page = browser.get(f"/activity?{query}")

    assert page.status_code == 422
    assert said in page.text
    assert "+₹10.00" in page.text
    assert browser.get(f"/activity.csv?{query}").status_code == 422


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("q", ["%ED%A0%80", "%FF", "9" * 79, "%E2%80%AE", "%27%20OR%201=1--"])
def test_any_words_can_be_looked_for(make_user: MakeUser, signed_in: SignIn, q: str) -> None:
    assert signed_in(make_user(funds="10")).get(f"/activity?q={q}").status_code == 200


@pytest.mark.commits
def test_pages_of_a_search_lose_and_repeat_nothing(
    committed: Committed,
    make_user: MakeUser,
    sbb: Bank,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever is looked for, in a history of days and kinds, read in pages of any size."""
    monkeypatch.setattr(queries, "LOOK_AT", 20)
    monkeypatch.setattr(queries, "AT_ONCE", 7)
    asha, ravi = make_user("Asha Rao"), make_user("Ravi Kumar", funds="1000")
    others = {"send": ravi.account_id, "topup": sbb.float_account, "bill": sbb.float_account}
    past = a_past(others)
    write(committed, asha.account_id, past)
    seen = {"found": 0, "pages": 0, "looked further back": 0}

    @settings(
        max_examples=at_length(40, 500), deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(wanted=WANTED, most=st.integers(1, 40))
    def check(wanted: Wanted, most: int) -> None:
        pages = read_all(asha, wanted, most)

        assert [line.note for page in pages for line in page.lines] == [
            each.note for each in reversed(past) if should_find(wanted, each, ravi)
        ]
        seen["found"] += sum(len(page.lines) for page in pages)
        seen["pages"] += len(pages)
        seen["looked further back"] += sum(page.looked_back_to is not None for page in pages)

    check()
    assert min(seen.values()) > 25, seen


DAYS = st.none() | st.dates(date(2026, 1, 29), date(2026, 2, 5))
WANTED = st.builds(
    Wanted,
    text=st.sampled_from(["", "", "dosa", "दोसा", "ravi", "7", "100", "bank may", "#12 "]),
    kind=st.none() | st.sampled_from(sorted(kinds.GROUPS)),
    since=DAYS,
    until=DAYS,
)


def a_past(others: dict[str, UUID]) -> list[Booked]:
    """103 movements over four days, some at the very ends of a day. Each note is its own."""
    kinds_of = sorted(others)
    return [
        Booked(
            at=BEGIN + timedelta(minutes=45 * n),
            paise=-300 if n > 9 and n % 2 else (n % 9 + 1) * 100,
            other=others[kind],
            kind=kind,
            note=f"{NOTES[n % len(NOTES)]} #{n}",
        )
        for n in range(103)
        for kind in [kinds_of[n * 7 // 3 % len(kinds_of)]]
    ]


def should_find(wanted: Wanted, each: Booked, ravi: User) -> bool:
    """The same in plain words, over the plain list."""
    day = each.at.astimezone(INDIA).date()
    kind = wanted.kind
    rightly = kind in (None, each.kind) or kind == ("in" if each.paise > 0 else "out")
    name = ravi.name if each.kind == "send" else "State Bank of Batua"
    said = f"{name} {each.note} {kinds.name_of(each.kind, came_in=each.paise > 0)}".lower()
    words = wanted.text.split()
    return (
        rightly
        and (wanted.since is None or wanted.since <= day)
        and (wanted.until is None or day <= wanted.until)
        and all(word in said or word == str(abs(each.paise) // 100) for word in words)
    )


def read_all(user: User, wanted: Wanted, most: int) -> Sequence[Page[Line]]:
    """Every page, by following the way to older ones."""
    pages = [queries.search(user, wanted, most=most)]
    while (older := pages[-1].older) is not None:
        pages.append(queries.search(user, wanted, after=older, most=most))
    return pages


@pytest.mark.commits
def test_a_search_stops_and_offers_to_go_on(
    committed: Committed,
    make_user: MakeUser,
    sbb: Bank,
    signed_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queries, "LOOK_AT", 20)
    asha = make_user("Asha Rao")
    write(committed, asha.account_id, a_past(dict.fromkeys(["topup"], sbb.float_account)))
    browser = signed_in(asha)

    page = browser.get("/activity?q=%231").text  # the last of them, far down
    older = re.search(r'href="([^"]+)">Look further back', page)

    assert "Nothing found" not in page
    assert older
    assert "after=84" in older[1]


def test_every_movement_has_a_name() -> None:
    for came_in in (True, False):
        assert kinds.name_of("something_new", came_in=came_in) == "Something new"
        assert kinds.verb_of("something_new", came_in=came_in)


@pytest.mark.commits
def test_days_begin_and_end_in_india(committed: Committed, make_user: MakeUser, sbb: Bank) -> None:
    asha = make_user("Asha Rao")
    midnight = datetime(2026, 2, 1, tzinfo=INDIA)
    second = timedelta(microseconds=1)
    write(
        committed,
        asha.account_id,
        [Booked(at, 100, sbb.float_account) for at in (midnight - second, midnight)],
    )
    account = asha.account_id

    assert queries.before(account, date(2026, 1, 31)) == 0
    assert queries.before(account, date(2026, 2, 1)) == 1
    assert queries.before(account, date(2026, 2, 2)) == 2
    assert queries.before(make_user("Nobody Yet").account_id, date(2026, 2, 2)) == 0
