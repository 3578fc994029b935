"""Everybody walks every route with the ids of somebody else: nothing crosses.

A new route whose parameters nobody has filled in here, and a new id that ``belongings`` does
not have, fail the walk.
"""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import product
from uuid import UUID, uuid4

import pytest
from flask import Flask
from pypdf import PdfReader
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from batua_dev.client import FreshClient, fresh_client
from batua_user.billers import demo

from .belongings import NAME, WORDS, Belongings, one_of_everything
from .helpers import PIN, MakeTopup, MakeUser, SignIn, token_of
from .test_hostile import names

pytestmark = pytest.mark.usefixtures("session", "nowhere")

# Parameters that are nobody's.
OPEN = {"code": "TARANG", "month": "2026-11", "filename": "batua.css"}
# Who walks: their wallet, and how a page of somebody else's answers them. More roles are rows.
WALKERS: dict[str, tuple[str | None, set[int]]] = {
    "a stranger": (None, {303, 401}),
    "a person": ("full", {403, 404}),
    "a person with a small wallet": ("small", {403, 404}),
}
ASKED = sorted(names())  # what some page looks for in its address
LOOKED_FOR = ("person_id", "payment_id", "notice_id", "transfer_id")  # by their ids
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
}


@pytest.fixture
def theirs(make_user: MakeUser, make_topup: MakeTopup) -> Belongings:
    """What the walkers have no business with."""
    demo.seed()
    return one_of_everything(make_user(NAME, funds="20,000"), make_user("Lata Mani"), make_topup)


@pytest.fixture(params=WALKERS, ids=[name.replace(" ", "-") for name in WALKERS])
def walker(
    request: pytest.FixtureRequest, make_user: MakeUser, signed_in: SignIn, user_app: Flask
) -> tuple[Callable[[], FreshClient], set[int]]:
    """A browser whenever one is asked for, and how it is turned away."""
    tier, refused = WALKERS[request.param]
    if tier is None:
        return lambda: fresh_client(user_app), refused
    person = make_user("Ravi Kumar", funds="500", tier=tier)
    return lambda: signed_in(person), refused


def test_nobody_comes_to_see_or_change_what_is_anothers(
    user_app: Flask, walker: tuple[Callable[[], FreshClient], set[int]], theirs: Belongings
) -> None:
    opens, refused = walker
    before, pieces = theirs.rows(), theirs.pieces()
    for rule in rules(user_app):
        browser = opens()
        for path, personal in filled(rule, theirs):
            for answer in visits(browser, rule, path, theirs):
                where = (rule.methods, answer.request.method, path, answer.status_code)
                assert answer.status_code in refused or not personal, where
                assert answer.status_code < 500 or answer.status_code == 503, where
                said = f"{answer.headers}\n{text_of(answer)}"
                assert [word for word in WORDS if word in said] == [], where
    assert theirs.rows() == before
    assert pieces - theirs.pieces() == set()  # and a key may be chosen as one likes


def test_its_owner_sees_every_word_of_it(
    user_app: Flask, signed_in: SignIn, theirs: Belongings
) -> None:
    """Else the walk above would find nothing because there is nothing to find."""
    browser, said = signed_in(theirs.owner), ""
    for rule in rules(user_app):
        for path, _ in filled(rule, theirs):
            if "GET" in (rule.methods or ()):
                said += text_of(browser.get(path))

    hidden = {"018100008642", "ZQXPZ4321Q"}  # sealed, and shown to nobody
    assert {word for word in WORDS if word not in said} == hidden


def rules(app: Flask) -> Iterator[Rule]:
    """Every route, but for the mailbox of everybody, which is there in development only."""
    return (rule for rule in app.url_map.iter_rules() if rule.endpoint != "messages.mailbox")


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
    browser: FreshClient, rule: Rule, path: str, theirs: Belongings
) -> Iterator[TestResponse]:
    """Look at a page, with their ids in its address; send its form, with their ids in it."""
    if "GET" in (rule.methods or ()):
        yield browser.get(path)
        for kind in LOOKED_FOR if not rule.arguments else ():
            some = theirs.ids[kind][0]
            yield browser.get(path + "?" + "&".join(f"{name}={some}" for name in ASKED))
    if "POST" in (rule.methods or ()):
        page = browser.get("/settings")
        csrf = token_of(page if page.status_code == 200 else browser.get("/login"))
        for key in keys(rule, theirs):
            form = FORM | {
                "csrf_token": csrf,
                "key": str(key),
                "notice": str(theirs.ids["notice_id"][0]),
                "bank_account": str(theirs.ids["account_id"][0]),
            }
            yield browser.post(path, data=form)


def keys(rule: Rule, theirs: Belongings) -> list[UUID]:
    """What a form might say it is: something of theirs."""
    if rule.arguments - set(OPEN):
        return [uuid4()]
    return [theirs.ids[name][0] for name in ("order_id", "payout_id", "payment_id")]


def text_of(answer: TestResponse) -> str:
    """What an answer says."""
    with answer:
        if answer.mimetype == "application/pdf":
            return "".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)
        return answer.get_data(as_text=True) if (answer.mimetype or "").startswith("text/") else ""
