"""Every template compiles, and none could break the content security policy."""

import re
from pathlib import Path

import pytest
from flask import Flask

import batua_ui
from batua_ui.assets import ICONS

TEMPLATES = Path(batua_ui.__file__).parent / "templates"
NAMES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
FORBIDDEN = {
    "inline script": r"<script(?![^>]*\ssrc=)",
    "inline style": r"<style|\sstyle\s*=",
    "handler": r"\son[a-z]+\s*=|hx-on|javascript:",
    "unescaped": r"\|\s*safe|autoescape",
    "another host": r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""",
}


@pytest.mark.parametrize("name", NAMES)
def test_templates_compile(app: Flask, name: str) -> None:
    app.jinja_env.get_template(name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("fault", FORBIDDEN)
def test_templates_hold_nothing_inline(name: str, fault: str) -> None:
    found = re.search(FORBIDDEN[fault], (TEMPLATES / name).read_text())

    assert not found, found


def test_macros_take_four_arguments_at_most() -> None:
    for name in NAMES:
        for macro, arguments in re.findall(
            r"{% macro (\w+)\((.*?)\)", (TEMPLATES / name).read_text()
        ):
            assert len(arguments.split(",")) <= 4, (name, macro)


def test_icons_are_named_once() -> None:
    sprite = (TEMPLATES.parent / "static" / "icons.svg").read_text()

    assert sprite.count("<symbol ") == len(ICONS)
