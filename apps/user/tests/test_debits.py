"""Whoever has the phone in hand: its owner gets an SMS for every debit, of whatever kind."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

import batua_user
from batua_db.database import db
from batua_db.models.ledger import Transfer
from batua_db.models.people import NoticeKind
from batua_db.models.wallet import Message, User
from batua_dev.client import FreshClient
from batua_user.billers import demo
from batua_user.notices import queries
from batua_user.notices.service import ALWAYS, KINDS, choose, tell

from .bill_books import order
from .helpers import PIN, prepare
from .leaving import linked, withdraw
from .shops import open_shop
from .shops import order as order_at

pytestmark = pytest.mark.usefixtures("session")
SOURCES = Path(batua_user.__file__).parent


def send(browser: FreshClient, _: User, ravi: User) -> TestResponse:
    return browser.submit(prepare(browser, ravi, "199"), pin=PIN)


def pay_a_bill(browser: FreshClient, _: User, __: User) -> TestResponse:
    demo.seed()
    return browser.submit(order(browser), pin=PIN)


def withdraw_it(browser: FreshClient, asha: User, _: User) -> TestResponse:
    return withdraw(browser, linked(asha), "199")


def pay_a_shop(browser: FreshClient, _: User, ravi: User) -> TestResponse:
    return browser.submit(order_at(browser, open_shop(ravi), "199"), pin=PIN)


# Every kind of movement that takes money from a person, and how ₹199 of it comes about.
DEBITS: dict[str, Callable[[FreshClient, User, User], TestResponse]] = {
    "'send'": send,
    "'bill'": pay_a_bill,
    "'withdrawal'": withdraw_it,
    "'payment'": pay_a_shop,
}
# Those that take it from somebody else: a bank, a biller, the accounts of the house.
OTHERS = {
    "'topup'",
    "'topup_refund'",
    "'bill_refund'",
    "'fee_returned'",
    "f'{kind_of(payout)}_paid'",
    "f'{kind}_returned'",
}
# Those that take it from a business. Its owner gets an SMS of each, shown by the tests of refunds
# and settlements; that of a settlement names its fee, which leaves in the same moment.
TAKINGS = {"'payment_refund'", "'settlement'", "'settlement_fee'"}
# This takes it from whoever a send went to, by the desk and not by them: they get an SMS whatever
# they chose, with the reason, and a notice (shown by the tests of corrections).
BY_THE_DESK = {"'correction'"}


def kinds_in(source: str) -> set[str]:
    """The kinds of the movements that are made in a module, as they are written there."""
    found: set[str] = set()
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and ast.unparse(call.func) in {"ledger.move", "Move"}:
            found |= {ast.unparse(each.value) for each in call.keywords if each.arg == "kind"}
    return found


def test_every_kind_of_movement_is_listed_here() -> None:
    made = set[str]().union(*(kinds_in(file.read_text()) for file in SOURCES.rglob("*.py")))

    assert made == set(DEBITS) | OTHERS | TAKINGS | BY_THE_DESK, (
        "who is debited by it? And do they get an SMS?"
    )


@pytest.mark.usefixtures("rich", "nowhere")
@pytest.mark.parametrize("kind", DEBITS)
def test_every_debit_is_told_by_sms(
    kind: str, browser: FreshClient, asha: User, ravi: User
) -> None:
    choose(asha, set())  # whatever they want to be told besides

    answer = DEBITS[kind](browser, asha, ravi)

    assert answer.status_code == 303
    mine = select(Transfer.kind).where(Transfer.debit_account == asha.account_id)
    assert [repr(each) for each in db.session.scalars(mine)] == [kind]
    (text,) = db.session.scalars(select(Message.text).where(Message.to == asha.phone))
    assert text.startswith("₹199.00 ")
    assert "Balance ₹801.00. Not you?" in text


def test_each_kind_of_notice_can_be_chosen_but_two(browser: FreshClient) -> None:
    page = browser.get("/notifications/settings").text

    assert {kind for kind in KINDS if f'name="{kind}"' in page} == set(KINDS) - ALWAYS


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_switched_off_is_not_told_and_the_rest_is(kind: NoticeKind, asha: User) -> None:
    choose(asha, set(KINDS) - {kind})

    for each in KINDS:
        tell(asha.id, each, f"About {each}", path="/")
    db.session.commit()

    told = {notice.kind for notice in queries.latest(asha)[0]}
    assert told == set(KINDS) - ({kind} - ALWAYS)
