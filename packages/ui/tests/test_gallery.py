"""The gallery: every part in every state, for developers only."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from pydantic import SecretStr

import batua_ui
from batua_dev.testing import TestSettings

MakeApp = Callable[..., Flask]

TEMPLATES = Path(batua_ui.__file__).parent / "templates" / "ui"
# Drawn by the shells, which other tests show.
SHELLS_OWN = {"main_nav"}


@pytest.mark.parametrize(
    "query", ["", "?brand=bank", "?brand=bank&bank=CCB", "?brand=wallet&theme=dark"]
)
@pytest.mark.parametrize("brand", ["wallet", "bank"])
def test_the_gallery_shows_both_brands(
    make_app: MakeApp, brand: batua_ui.Brand, query: str
) -> None:
    response = make_app(brand).test_client().get(f"/dev/gallery{query}")

    assert response.status_code == 200
    assert "None" not in re.sub(r">None<", "", response.text)
    assert 'aria-describedby=""' not in response.text


@pytest.mark.parametrize("query", ["?brand=x", "?theme=x"])
def test_the_gallery_knows_its_clothes(app: Flask, query: str) -> None:
    assert app.test_client().get(f"/dev/gallery{query}").status_code == 404


def test_the_gallery_leaves_no_macro_out() -> None:
    shown = (TEMPLATES / "gallery.html").read_text()
    for path in TEMPLATES.glob("*.html"):
        for macro in re.findall(r"{% macro ([a-z]\w+)\(", path.read_text()):
            assert macro in SHELLS_OWN or re.search(rf"\b{macro}\(", shown), (path.name, macro)


def test_production_has_no_gallery(make_app: MakeApp) -> None:
    secret = SecretStr("a-secret-of-more-than-32-characters-x")
    settings = TestSettings(
        APP_ENV="production",
        SECRET_KEY=secret,
        SECRET=SecretStr("whsec_" + "Ab3d" * 12),
        FIELD_KEYS=SecretStr("Zm9vYmFy" * 6),
        PIN_PEPPER=secret,
    )
    app = make_app(settings=settings)

    assert app.test_client().get("/dev/gallery").status_code == 404
    assert "ui.gallery" not in app.view_functions
