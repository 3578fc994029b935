"""Everybody walks every route with the ids of somebody else: nothing crosses.

A new route whose parameters nobody has filled in here, and a new id that ``belongings`` does
not have, fail the walk.
"""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import product
from typing import NamedTuple
from uuid import uuid4

import pytest
from flask import Flask
from pypdf import PdfReader
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from batua_db import credentials
from batua_db.models.desk import Role, Staff
from batua_dev.client import FreshClient, fresh_client
from batua_ui.desk import guard
from batua_user.billers import demo
from batua_user.desk import access

from .belongings import ASKED_FOR, NAME, SIGN, WORDS, Belongings, all_rows, one_of_everything
from .desk import AtDesk, MakeStaff, acts
from .helpers import PIN, MakeTopup, MakeUser, SignIn, token_of
from .shops import open_shop
from .test_hostile import names
from .the_bank import TheBank

pytestmark = pytest.mark.usefixtures("session", "cache", "nowhere", "quick_pins")

# Parameters that are nobody's.
OPEN = {
    "code": "TARANG", "month": "2026-11", "filename": "batua.css", "kind": "svg",
    "file_id": "5f0c1f6e-0000-4000-8000-00000000f11e",  # a bank's, of nobody
}  # fmt: skip
# Whoever might pay a business sees its sign (its name, and what kind it is) on these pages, and
# may write down what they are to pay, which moves nothing. Nothing else of it is for them.
SIGN_SHOWN = {"payments.shop", "paying.landing"}
SHOP = "payments.shop"


class Walker(NamedTuple):
    """A browser whenever one is asked for, and how a page of somebody else's answers it."""

    opens: Callable[[], FreshClient]
    refused: set[int]
    looks: bool = True  # with ids in the query, too: it is not read at a door that stays shut


TURNED_AWAY, NOT_THERE = {303, 401}, {403, 404}
# Who walks, by their wallet, or their role at the desk: on people's pages staff are strangers.
# The last differ from those before them where nothing of this is decided, so they have time.
WALKERS = (
    *("a stranger", "full", "a merchant", "supervisor"),
    *(pytest.param(who, marks=pytest.mark.long) for who in ("small", "operator", "auditor")),
)
OUTSIDERS = ("a stranger", "full", "a merchant")
ROLES: tuple[Role, ...] = ("operator", "supervisor", "auditor")

ASKED = sorted(names())  # what some page looks for in its address
# With ids of what: of a business, and of anything else.
OF_BUSINESSES = ("taken_id", "settlement_id")
LOOKED_FOR = ("person_id", "payment_id", "notice_id", "transfer_id")
# Where the key of a form is the id in the address.
CONFIRMED = {
    "transfers.confirm", "billers.status", "payments.confirm", "withdrawals.status",
    "settlements.status", "bank_accounts.remove",
}  # fmt: skip
# What the key of a form names, once it is sent: whose is of another kind is nobody's.
KEYS = {
    "topups.add": ("topup_id",),
    "links.add": ("topup_id",),
    "transfers.send": ("order_id",),
    "transfers.payee": ("order_id",),
    "withdrawals.withdraw": ("payout_id", "settlement_id"),
    "settlements.settle": ("payout_id", "settlement_id"),
    "billers.bill": ("bill_id",),
    SHOP: ("taken_id", "paid_id"),
    "merchants.payment": ("refund_id",),
}
FORM = {
    "pin": PIN,
    "amount": "1",
    "bank": "SBB",
    "account_number": "018100004471",
    "ifsc": "SBBB0000181",
    "reference": "9845012345",
    "note": "",
    "until": "2026-01-01T00:00:00+00:00",
    "phone": "9000000000",
    "name": "Ravi Kumar",
    "holder": "Ravi Kumar",
    "business_name": "Kumar Stores",
    "category": "tea",
    "order_no": ASKED_FOR[1].lower(),
    "lasts": "1h",
    "settle_nightly": "y",
    "reason": "To see what happens",
    "decision": "approve",
    "act": "credit",
}


@pytest.fixture
def quick_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a PIN is worth is shown elsewhere, and takes its time on purpose."""
    monkeypatch.setattr(credentials, "verify_pin", lambda _hash, pin: pin == PIN)


@pytest.fixture
def theirs(
    make_user: MakeUser, make_topup: MakeTopup, the_bank: TheBank, operator: Staff,
    supervisor: Staff,
) -> Belongings:  # fmt: skip
    """What the walkers have no business with."""
    demo.seed()
    owner, payee = (make_user(name, funds="20,000") for name in (NAME, "Lata Mani"))
    return one_of_everything(owner, payee, make_topup, the_bank, (operator, supervisor))


@pytest.fixture
def walker(
    request: pytest.FixtureRequest, make_user: MakeUser, make_staff: MakeStaff, signed_in: SignIn,
    at_desk: AtDesk, user_app: Flask,
) -> Walker:  # fmt: skip
    who: str = request.param
    if who == "a stranger":
        return Walker(lambda: fresh_client(user_app), TURNED_AWAY)
    if who in ROLES:
        staff = make_staff(who, "Meera Nambiar")
        return Walker(lambda: at_desk(staff), TURNED_AWAY, looks=False)
    person = make_user("Ravi Kumar", funds="500", tier="small" if who == "small" else "full")
    if who == "a merchant":
        open_shop(person, "Kumar Stores")
    return Walker(lambda: signed_in(person), NOT_THERE)


@pytest.mark.parametrize("walker", WALKERS, indirect=True)
def test_nobody_comes_to_see_or_change_what_is_anothers(
    user_app: Flask, walker: Walker, theirs: Belongings
) -> None:
    before, pieces = theirs.rows(), theirs.pieces()
    for rule in rules(user_app):
        browser = walker.opens()
        csrf = csrf_of(browser) if "POST" in methods(rule) else None
        for path, personal in filled(rule, theirs):
            for answer in visits(browser, rule, path, theirs, csrf, looks=walker.looks):
                where = (rule.methods, answer.request.method, path, answer.status_code)
                mine = not personal or rule.endpoint == SHOP
                assert mine or answer.status_code in walker.refused, where
                assert answer.status_code < 500 or answer.status_code == 503, where
                assert shown(answer, () if rule.endpoint in SIGN_SHOWN else (SIGN,)) == [], where
    assert theirs.rows() == before
    assert pieces - theirs.pieces() == set()  # and a key may be chosen as one likes


@pytest.mark.parametrize("walker", ["full"], indirect=True)
def test_who_might_pay_sees_the_sign_of_a_business_and_what_its_link_asks_for(
    walker: Walker, theirs: Belongings
) -> None:
    browser = walker.opens()
    for path in ("/pay", f"/pay?q={SIGN[:6]}", f"/pay/{theirs.shop.id}"):
        answer = browser.get(path)
        assert SIGN in answer.text, path
        assert shown(answer) == [], path
    linked = browser.get(f"/pay/{theirs.shop.id}?request={theirs.ids['token'][0]}")
    assert shown(linked, (SIGN,)) == [*ASKED_FOR, SIGN]


@pytest.mark.parametrize("walker", OUTSIDERS, indirect=True)
def test_the_desk_is_shut_to_who_is_not_staff(
    user_app: Flask, walker: Walker, theirs: Belongings
) -> None:
    browser, before = walker.opens(), all_rows()
    csrf = csrf_of(browser)
    for rule in rules(user_app, desk=True):
        for path, _ in filled(rule, theirs):
            for answer in visits(browser, rule, path, theirs, csrf):
                where = (answer.request.method, path, answer.status_code)
                if rule.endpoint not in guard.OPEN:
                    assert answer.status_code == 303, where
                    assert answer.location.startswith("/desk/login"), where
                assert shown(answer, (SIGN,)) == [], where
    assert all_rows() == before
    assert "look" not in {act.what for act in acts()}


@pytest.mark.parametrize("role", ROLES)
def test_staff_who_look_or_try_what_is_for_another_role_change_nothing(
    user_app: Flask, make_staff: MakeStaff, at_desk: AtDesk, theirs: Belongings, role: Role
) -> None:
    """All that an auditor may send is that they leave."""
    browser = at_desk(make_staff(role, "Meera Nambiar"))
    csrf, before, done = csrf_of(browser), all_rows(), {act.id for act in acts()}
    tried = set[str]()
    for rule in rules(user_app, desk=True):
        if rule.endpoint in guard.LEAVING | guard.OPEN:
            continue
        token = None if may_send(role, rule.endpoint) else csrf
        for path, _ in filled(rule, theirs):
            for answer in visits(browser, rule, path, theirs, token):
                where = (answer.request.method, path, answer.status_code)
                sent = answer.request.method == "POST"
                may = role in access.MAY[rule.endpoint] and not sent
                assert answer.status_code in ({200, 303, 404, 422} if may else {403}), where
                tried |= {rule.endpoint} if sent else set()
    assert all_rows() == before
    assert {act.what for act in acts() if act.id not in done} == {"look"}
    posts = {rule.endpoint for rule in rules(user_app, desk=True) if "POST" in methods(rule)}
    posts -= guard.LEAVING | guard.OPEN
    assert tried == {endpoint for endpoint in posts if not may_send(role, endpoint)}
    assert role != "operator" or tried == {"desk.corrections.decide"}


def test_its_owner_sees_every_word_of_it(
    user_app: Flask, signed_in: SignIn, theirs: Belongings
) -> None:
    """Else the walk above would find nothing because there is nothing to find."""
    browser, said = signed_in(theirs.owner), ""
    for rule in rules(user_app):
        for path, _ in filled(rule, theirs):
            if "GET" in methods(rule):
                page = text_of(browser.get(path))
                assert 'name="key"' not in page or rule.endpoint in {*KEYS, *CONFIRMED}, path
                said += page

    sealed = {"018100008642", "ZQXPZ4321Q"}  # and shown to nobody
    proposed = {"314.15", "tamarind mistake"}  # not made yet, so for the desk alone
    assert {word for word in (*WORDS, SIGN) if word not in said} == sealed | proposed


def rules(app: Flask, *, desk: bool = False) -> Iterator[Rule]:
    """Every route of people, or of the desk.

    But for the mailbox of everybody, which is there in development only.
    """
    for rule in app.url_map.iter_rules():
        if guard.is_desk(rule.endpoint) == desk and rule.endpoint != "messages.mailbox":
            yield rule


def methods(rule: Rule) -> set[str]:
    return rule.methods or set()


def may_send(role: Role, endpoint: str) -> bool:
    """An auditor only looks."""
    return role != "auditor" and role in access.MAY[endpoint]


def filled(rule: Rule, theirs: Belongings) -> Iterator[tuple[str, bool]]:
    """The paths of a route, with all ids of the kind that it asks for; and whether it asks."""
    values = list[list[str]]()
    for name in sorted(rule.arguments):
        if name in OPEN:
            values.append([OPEN[name]])
        else:
            assert name in theirs.ids, f"{rule}: `belongings` has no {name}, and OPEN neither"
            values.append([str(one) for one in theirs.ids[name]])
    for chosen in product(*values):
        path = rule.rule
        for name, value in zip(sorted(rule.arguments), chosen, strict=True):
            path = re.sub(rf"<[^<>]*\b{name}>", value, path)
        yield path, bool(rule.arguments - set(OPEN))


def visits(
    browser: FreshClient,
    rule: Rule,
    path: str,
    theirs: Belongings,
    csrf: str | None,
    *,
    looks: bool = True,
) -> Iterator[TestResponse]:
    """Look at a page, with their ids in its address; send its form, with their ids in it.

    Without a form token nothing is sent.
    """
    if "GET" in methods(rule):
        yield browser.get(path)
        for kind in looked_for(rule) if looks else ():
            some = theirs.ids[kind][0]
            yield browser.get(path + "?" + "&".join(f"{name}={some}" for name in ASKED))
    if "POST" in methods(rule) and csrf:
        for key in [theirs.ids[kind][0] for kind in KEYS.get(rule.endpoint, ())] or [uuid4()]:
            form = FORM | {
                "csrf_token": csrf,
                "key": str(key),
                "notice": str(theirs.ids["notice_id"][0]),
                "bank_account": str(theirs.ids["account_id"][0]),
                "settle_to": str(theirs.ids["account_id"][0]),
            }
            yield browser.post(path, data=form)


def looked_for(rule: Rule) -> tuple[str, ...]:
    """What the address of a page might name besides."""
    if rule.arguments or rule.endpoint.startswith("ui."):
        return ()
    return OF_BUSINESSES if rule.rule.startswith("/merchant") else LOOKED_FOR


def csrf_of(browser: FreshClient) -> str:
    """The form token of whoever this is."""
    pages = (browser.get(path) for path in ("/settings", "/desk", "/login"))
    return next(token_of(page) for page in pages if page.status_code == 200)


def shown(answer: TestResponse, more: tuple[str, ...] = ()) -> list[str]:
    """The words of theirs that an answer has."""
    said = f"{answer.headers}\n{text_of(answer)}"
    return [word for word in (*WORDS, *more) if word in said]


def text_of(answer: TestResponse) -> str:
    """What an answer says."""
    with answer:
        if answer.mimetype == "application/pdf":
            return "".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)
        text = answer.get_data(as_text=True) if (answer.mimetype or "").startswith("text/") else ""
        return text.replace("<small>", "")  # before the paise of a large sum
