"""Balances and statements: one's own, all of them, and nobody else's."""

import re
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from batua_bank import demo
from batua_bank.accounts import queries
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.bank import Customer
from batua_db.money import Money

pytestmark = pytest.mark.usefixtures("banks")


def move(source: UUID, target: UUID, paise: int, number: int) -> None:
    with transaction():
        ledger.move(
            Money(paise), debit=source, credit=target, kind="payment", key=f"t:{number}",
            note=f"Move {number}", details={"reference": f"R-{number}"},
        )  # fmt: skip


def test_an_account_shows_balance_and_statement(
    api: Any, customer: Any, approval: Any, account_of: Any
) -> None:
    asked, browser = api.ask(amount=1_234_50, description="For Asha"), customer()
    browser.submit(f"{asked['path']}/approve", **approval())
    page = browser.get("/accounts").text

    assert f'data-balance="{50_000_00 - 1_234_50}"' in page
    assert "−₹1,234.50" in page
    assert "+₹50,000.00" in page
    assert "₹48,765.50" in page
    assert "Paid to Batua" in page
    assert f"For Asha · {asked['reference']}" in page
    assert browser.get(f"/accounts/{account_of()}").text.count("₹48,765.50") >= 2


@pytest.mark.parametrize("number", ["10000002", "20000001"])
def test_an_account_of_somebody_else_is_not_there(
    customer: Any, account_of: Any, number: str
) -> None:
    browser = customer()
    other = browser.get(f"/accounts/{account_of(number)}")
    nothing = browser.get("/accounts/00000000-0000-4000-8000-000000000000")

    assert other.status_code == nothing.status_code == 404
    strip = lambda page: re.sub(r'value="[^"]+"', "", page)  # noqa: E731
    assert strip(other.text) == strip(nothing.text)
    assert str(account_of(number)) not in browser.get("/accounts").text


def test_the_platforms_and_cash_accounts_are_nobodys(customer: Any, platform: Any) -> None:
    assert customer().get(f"/accounts/{platform()}").status_code == 404


def test_a_long_statement_has_pages_without_gap_or_repeat(customer: Any, account_of: Any) -> None:
    mine, other = account_of(), account_of("10000002")
    for number in range(2 * queries.ROWS + 4):
        move(mine, other, 100 + number, number)
    browser = customer()
    seen: list[str] = []
    path: str | None = f"/accounts/{mine}"
    while path:
        page = browser.get(path).text
        seen += re.findall(r"Move (\d+)", page)
        found = re.search(r'<a class="btn" href="([^"]+)">Older', page)
        path = found[1].replace("&amp;", "&") if found else None

    assert seen == [str(number) for number in reversed(range(2 * queries.ROWS + 4))]


@pytest.mark.parametrize("after", ["-1", "x", "1e3", "٣", "9" * 15, "9" * 40, "2", ""])
def test_no_page_number_breaks_a_statement(customer: Any, account_of: Any, after: str) -> None:
    answer = customer().get(f"/accounts/{account_of()}", query_string={"after": after})

    assert answer.status_code == 200
    assert "First deposit" in answer.text


def test_every_running_balance_is_right(customer: Any, account_of: Any) -> None:
    mine, other = account_of(), account_of("10000002")
    for number in range(5):
        move(mine, other, 1_00, number)
    owner = db.session.query(Customer).filter_by(number="10000001").one()
    (holding,) = queries.holdings(owner)
    lines = queries.statement(holding.id, queries.Wanted()).lines

    assert lines[0].balance == holding.balance == demo.FUNDS - Money(5_00)
    for newer, older in pairwise(lines):
        assert newer.balance == older.balance + newer.amount


def test_a_customer_without_an_account_is_told_what_comes(customer: Any) -> None:
    with transaction():
        asha = db.session.query(Customer).filter_by(number="10000001").one()
        db.session.add(
            Customer(
                bank_code="SBB",
                number="10000009",
                name="मीरा देवी",
                password_hash=asha.password_hash,
                mpin_hash=asha.mpin_hash,
            )
        )
    page = customer("10000009").get("/accounts")

    assert page.status_code == 200
    assert "No account yet" in page.text
