"""The pages around the pages."""

from collections.abc import Callable

import pytest
from flask import Flask

import batua_ui
from batua_ui.nav import here

MakeApp = Callable[..., Flask]


@pytest.mark.parametrize(("path", "label"), [("/send", "Send"), ("/approve", "Home")])
def test_the_navigation_marks_where_we_are(app: Flask, path: str, label: str) -> None:
    with app.test_request_context(path):
        assert here(app.config["NAV"]) == label


def test_one_entry_is_marked_at_most(app: Flask) -> None:
    html = app.test_client().get("/send").text

    assert html.count('aria-current="page"') == 1
    assert html.count('class="more gap"') == 1
    assert 'aria-current="page"' not in app.test_client().get("/missing").text


def test_strangers_get_no_navigation(app: Flask) -> None:
    app.config["NAV"] = list

    assert 'class="nav"' not in app.test_client().get("/send").text


def test_flashes_are_escaped_and_shown_once(make_app: MakeApp) -> None:
    app = make_app(WTF_CSRF_ENABLED=False)
    client = app.test_client()
    data = {
        "phone": "9876500001",
        "amount": "5",
        "bank": "SBB",
        "pin": "246810",
        "key": "0e9f3a52-6f0c-4a37-9d3b-2f4b3c1d5e6f",
    }

    assert client.post("/send", data=data).status_code == 303

    assert "Sent &lt;b&gt;well&lt;/b&gt;" in client.get("/").text
    assert "Sent" not in client.get("/").text.replace("Send", "")


def test_the_second_bank_wears_its_own_colours(make_app: MakeApp) -> None:
    client = make_app("bank", SITE_NAME="Net banking").test_client()

    assert 'data-bank="CCB"' in client.get("/approve?ccb").text
    assert (
        "<title>Approve ₹5,000.00 · Coastal Commerce Bank</title>"
        in client.get("/approve?ccb").text
    )
    assert "data-bank" not in client.get("/approve").text
    assert "· Net banking</title>" in client.get("/approve").text


@pytest.mark.parametrize("path", ["/", "/send", "/sign-in", "/approve", "/receipt"])
def test_every_shell_has_a_way_past_its_header(app: Flask, path: str) -> None:
    html = app.test_client().get(path).text

    assert '<html lang="en-IN"' in html
    assert '<a class="skip" href="#main">' in html
    assert html.count('<main id="main"') == 1
    assert html.count("<h1") == 1


def test_our_public_endpoints_exist(app: Flask) -> None:
    assert set(app.view_functions) >= batua_ui.PUBLIC


def test_what_is_typed_never_becomes_markup(app: Flask) -> None:
    assert "<script>alert" not in app.test_client().get("/receipt").text
