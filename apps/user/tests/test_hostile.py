"""Whatever an address or a form says, no page breaks."""

import re
from itertools import chain, product
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

import batua_ui
import batua_user
from batua_dev.client import FreshClient
from batua_dev.lengths import at_length

from .helpers import MakeUser, SignIn, token_of

SOURCES = [Path(each.__file__ or "").parent for each in (batua_user, batua_ui)]
VALUES = {
    "a NUL": "%00",
    "a NUL inside": "a%00b",
    "more digits than int() reads": "9" * 4301,
    "beyond a BIGINT": str(2**63),
    "below it": "-9223372036854775809",
    "digits of other scripts": "%C2%B2%E0%A5%A7",
    "a lone surrogate": "%ED%A0%80",
    "no UTF-8": "%FF%FE",
    "a stray percent": "%zz%",
    "another order": "%E2%80%AE",
    "no number": "NaN",
    "no UUID": "{00000000-0000-0000-0000-00000000000g}",
    "long": "x" * at_length(300, 8000),
    "a quote": "%27%22%3E%3Csvg%3E",
    "nothing": "",
}

RARER = {"a NUL inside", "below it", "a stray percent", "another order", "no number"}

ASKED = set[str]()


def names() -> set[str]:
    """Every name that some page looks for in its address."""
    code = (path.read_text() for folder in SOURCES for path in folder.rglob("*.py"))
    return set(chain.from_iterable(re.findall(r'args\.get\(\s*"(\w+)"', text) for text in code))


def fields(page: TestResponse) -> set[str]:
    """The names in the forms of a page."""
    inputs = re.findall(r'<(?:input|select)[^>]*\bname="(\w+)"', page.text)
    return set(inputs) - {"csrf_token"}


def pages(app: Flask) -> list[str]:
    """Where each page is, with ids that are nobody's."""
    return [
        re.sub(r"<uuid:\w+>", str(uuid4()), rule.rule)
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
    ]


def sent_by(page: TestResponse) -> set[str]:
    """The names that its forms and links send."""
    return fields(page) | set(re.findall(r"(?:[?]|&amp;)(\w+)=", page.text))


@pytest.fixture
def browsers(
    user_client: FreshClient, make_user: MakeUser, signed_in: SignIn
) -> tuple[FreshClient, FreshClient]:
    """Of a stranger, and of somebody."""
    return user_client, signed_in(make_user(funds="500"))


@pytest.fixture
def asked(user_app: Flask, browsers: tuple[FreshClient, FreshClient]) -> set[str]:
    """Every name that a page looks for, or that its forms and links send; gathered once."""
    if not ASKED:
        ASKED.update(names())
        for path, browser in product(pages(user_app), browsers):
            ASKED.update(sent_by(browser.get(path)) if "<" not in path else ())
    assert {"after", "to", "next", "amount", "bank", "seen", "q", "from", "kind"} <= ASKED
    return ASKED


@pytest.mark.usefixtures("session", "nowhere")
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(value, id=name, marks=[pytest.mark.long] if name in RARER else [])
        for name, value in VALUES.items()
    ],
)
def test_no_address_breaks_a_page(
    user_app: Flask, browsers: tuple[FreshClient, FreshClient], asked: set[str], value: str
) -> None:
    query = "&".join(f"{name}={value}" for name in sorted(asked))
    for path, browser in product(pages(user_app), browsers):
        where = re.sub("<[^>]+>", value or "x", path)
        answer = browser.get(f"{where}?{query}")
        assert answer.status_code < 500 or answer.status_code == 503, (path, answer.text)


@pytest.mark.usefixtures("session", "nowhere")
@pytest.mark.parametrize("value", ["\0", "9" * 5000, "\ud800", "\u202e", "²", "x" * 8000])
def test_no_form_breaks_a_page(browsers: tuple[FreshClient, FreshClient], value: str) -> None:
    stranger, somebody = browsers
    for browser, path in [
        (stranger, "/login"),
        (stranger, "/register"),
        (somebody, "/add-money"),
        (somebody, "/send"),
        (somebody, "/settings/pin"),
    ]:
        page = browser.get(path)
        typed = fields(page)
        for name in typed:
            form = dict.fromkeys(typed, "1") | {name: value, "csrf_token": token_of(page)}
            answer = browser.post(
                path,
                data=urlencode(form, errors="surrogatepass"),
                content_type="application/x-www-form-urlencoded",
            )
            assert answer.status_code in {400, 422}, (path, name, answer.text)
