"""A statement: searched, taken along as CSV and on paper, and always adding up."""

import csv
import re
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any

import pytest
from pypdf import PdfReader

from batua_bank.accounts import printing, queries
from batua_db import ledger, passbook
from batua_db.database import transaction
from batua_db.money import Money
from batua_ui.filters import INDIA

pytestmark = pytest.mark.usefixtures("banks")

MONTH = f"{datetime.now(INDIA):%Y-%m}"


@pytest.fixture
def lively(account_of: Any) -> Any:
    """Asha's account, with ₹50,000.00 − 1.00 − 2.00 − 3.00 + 7.50."""
    mine, other = account_of(), account_of("10000002")
    for number in (1, 2, 3):
        move(mine, other, number * 100, f"Rent {number}", number)
    move(other, mine, 7_50, "=HYPERLINK(1)", 9)
    return mine


def move(source: Any, target: Any, paise: int, note: str, number: int) -> None:
    with transaction():
        ledger.move(
            Money(paise), debit=source, credit=target, kind="payment", key=f"s:{number}",
            note=note, details={"reference": f"REFERENCE-{number}"},
        )  # fmt: skip


def amounts(page: str) -> list[str]:
    return re.findall(r'<td class="num strong"><data[^>]*>([^<]+)<', page)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=rent", ["−₹3.00", "−₹2.00", "−₹1.00"]),
        ("q=rent+2", ["−₹2.00"]),
        ("q=7.50", ["+₹7.50"]),
        ("q=%E2%82%B950,000", ["+₹50,000.00"]),
        ("q=-3", ["−₹3.00"]),
        ("q=reference-1", ["−₹1.00"]),
        ("kind=in", ["+₹7.50", "+₹50,000.00"]),
        ("kind=cash", ["+₹50,000.00"]),
        ("kind=out&q=rent+3", ["−₹3.00"]),
        ("to=2020-01-01", []),
        ("q=nothing", []),
    ],
)
def test_a_statement_is_searched(customer: Any, lively: Any, asked: str, found: list[str]) -> None:
    answer = customer().get(f"/accounts/{lively}?{asked}")

    assert answer.status_code == 200
    assert amounts(answer.text) == found
    assert ("Nothing found" in answer.text) == (not found)


@pytest.mark.parametrize("asked", ["kind=x", "from=yesterday", "from=2026-02-02&to=2026-02-01"])
def test_what_can_not_be_looked_for_is_said(customer: Any, lively: Any, asked: str) -> None:
    browser = customer()

    assert browser.get(f"/accounts/{lively}?{asked}").status_code == 422
    assert browser.get(f"/accounts/{lively}.csv?{asked}").status_code == 422


def test_a_table_adds_up_and_is_harmless(customer: Any, lively: Any) -> None:
    answer = customer().get(f"/accounts/{lively}.csv")
    rows = list(csv.DictReader(StringIO(answer.text.lstrip("\ufeff"))))

    assert answer.mimetype == "text/csv"
    came, went = (sum(float(row[side] or 0) for row in rows) for side in ("in", "out"))
    assert came - went == float(rows[0]["balance"]) == 50_001.50
    assert rows[0]["note"] == "'=HYPERLINK(1)"
    assert len(rows) == 5


def test_a_month_on_paper_adds_up(customer: Any, lively: Any) -> None:
    answer = customer().get(f"/accounts/{lively}/{MONTH}.pdf")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)

    assert answer.mimetype == "application/pdf"
    for said in ("State Bank of Batua", "Asha Rao", "50,007.50", "6.00", "50,001.50", "Rent 2"):
        assert said in text, said


def test_one_that_does_not_add_up_is_not_shown(
    customer: Any, lively: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passbook, "balance_at", lambda *_: Money(5))

    assert customer().get(f"/accounts/{lively}/{MONTH}.pdf").status_code == 503


@pytest.mark.parametrize("month", ["2019-01", "2999-01", "2026-13", "x"])
def test_a_month_that_never_was_has_no_paper(customer: Any, lively: Any, month: str) -> None:
    assert customer().get(f"/accounts/{lively}/{month}.pdf").status_code == 404


def test_what_is_somebody_elses_is_not_exported(customer: Any, account_of: Any) -> None:
    theirs = account_of("10000002")
    for path in (f"/accounts/{theirs}.csv", f"/accounts/{theirs}/{MONTH}.pdf"):
        assert customer().get(path).status_code == 404


def test_a_long_search_says_how_far_it_looked(
    customer: Any, lively: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "DEPTH", passbook.Depth(look_at=2, at_once=1))
    page = customer().get(f"/accounts/{lively}?q=deposit").text

    assert "Look further back" in page
    assert amounts(page) == []


def test_a_month_with_more_rows_than_paper_holds_says_what_to_do(
    customer: Any, lively: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "MOST_ON_PAPER", 1)
    refused = customer().get(f"/accounts/{lively}/{MONTH}.pdf")

    assert refused.status_code == 422
    assert "more than 1 rows" in refused.text
    assert "take them as CSV" in refused.text
