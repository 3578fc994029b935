"""A history as CSV: whole, in its order, and harmless in a spreadsheet."""

import csv
from datetime import datetime, timedelta
from io import StringIO

import pytest
from werkzeug.test import TestResponse

from batua_db.models.wallet import Bank, User
from batua_dev.testing import Committed
from batua_ui import spreadsheets
from batua_ui.filters import INDIA
from batua_ui.spreadsheets import safe

from .helpers import MakeUser, SignIn
from .past import Booked, write
from .test_activity import send

pytestmark = pytest.mark.usefixtures("database")


def rows_of(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.status_code == 200
    text = answer.data.decode("utf-8")
    assert text[0] == "\ufeff"
    return list(csv.DictReader(StringIO(text[1:], newline="")))


@pytest.fixture
def asha(make_user: MakeUser) -> User:
    return make_user("Asha Rao", funds="1000")


def test_it_holds_what_the_page_shows(asha: User, make_user: MakeUser, signed_in: SignIn) -> None:
    ravi = make_user("Ravi Kumar")
    sent = send(asha, ravi, 120, "Dosa, “masala”")
    send(ravi, asha, 20)

    answer = signed_in(asha).get("/activity.csv")
    rows = rows_of(answer)

    assert [(row["what"], row["with"], row["in"], row["out"]) for row in rows] == [
        ("Received", "Ravi Kumar", "20.00", ""),
        ("Sent", "Ravi Kumar", "", "120.00"),
        ("Added", "State Bank of Batua", "1000.00", ""),
    ]
    assert [row["balance"] for row in rows] == ["900.00", "880.00", "1000.00"]
    assert (rows[1]["note"], rows[1]["reference"]) == ("Dosa, “masala”", sent)
    assert datetime.fromisoformat(f"{rows[0]['date']}T{rows[0]['time']}+05:30")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "attachment" in answer.headers["Content-Disposition"]


def test_it_is_of_one_person(asha: User, make_user: MakeUser, signed_in: SignIn) -> None:
    ravi = make_user("Ravi Kumar")
    send(asha, ravi, 5)

    assert [row["balance"] for row in rows_of(signed_in(ravi).get("/activity.csv"))] == ["5.00"]


def test_it_is_filtered_as_the_page_is(asha: User, make_user: MakeUser, signed_in: SignIn) -> None:
    ravi = make_user("Ravi Kumar")
    send(asha, ravi, 5, "Dosa")
    send(asha, ravi, 6, "Rent")
    browser = signed_in(asha)

    assert [row["note"] for row in rows_of(browser.get("/activity.csv?q=dosa"))] == ["Dosa"]
    assert [row["in"] for row in rows_of(browser.get("/activity.csv?kind=topup"))] == ["1000.00"]
    assert rows_of(browser.get("/activity.csv?to=2020-01-01")) == []


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＋1", "＠x"),
        "=HYPERLINK(“http://x”;“y”)",
    ],
)
def test_text_that_looks_like_a_formula_is_made_text(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Dosa", "", "1=1", "a-b", "दोसा", "(+)"])
def test_other_text_is_left_alone(text: str) -> None:
    assert safe(text) == text


def test_names_and_notes_cannot_be_formulas(
    asha: User, make_user: MakeUser, signed_in: SignIn
) -> None:
    mallory = make_user('=cmd|"/c calc"!A1', funds="10")
    send(mallory, asha, 1, "@SUM(A1:A9)")

    row = rows_of(signed_in(asha).get("/activity.csv"))[0]

    assert (row["with"], row["note"]) == ('\'=cmd|"/c calc"!A1', "'@SUM(A1:A9)")
    assert (row["in"], row["out"]) == ("1.00", "")


@pytest.mark.commits
def test_a_long_history_is_cut_and_says_so(
    committed: Committed,
    make_user: MakeUser,
    sbb: Bank,
    signed_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spreadsheets, "MOST", 300)
    lila, begin = make_user("Lila Bose"), datetime(2026, 1, 1, tzinfo=INDIA)
    write(
        committed,
        lila.account_id,
        [Booked(begin + timedelta(hours=n), 100, sbb.float_account) for n in range(310)],
    )
    browser = signed_in(lila)

    rows = rows_of(browser.get("/activity.csv"))
    whole = rows_of(browser.get("/activity.csv?from=2026-01-02&to=2026-01-05"))

    assert [row["balance"] for row in rows[:-1]] == [f"{n}.00" for n in range(310, 10, -1)]
    assert "Choose days" in rows[-1]["what"]
    assert [row["balance"] for row in whole] == [f"{n}.00" for n in range(120, 24, -1)]
    assert "The CSV has the newest 300 lines" in browser.get("/activity").text
    assert "The CSV has" not in browser.get("/activity?from=2026-01-02&to=2026-01-05").text
