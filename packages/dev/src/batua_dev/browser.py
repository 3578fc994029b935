"""Chromium, for tests that look at pages as people do."""

import os
import shutil
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, sync_playwright

from .lengths import is_long

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
Scheme = Literal["light", "dark"]
NARROW: ViewportSize = {"width": 320, "height": 640}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def chromium_path() -> str | None:
    """``$CHROMIUM``, or what is on the path: best the one that draws no windows of its own."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def chromium() -> Generator[Browser]:
    """A headless Chromium; without one the test is skipped, but for CI, where it fails."""
    path = chromium_path()
    if path is None:
        reason = "no Chromium on PATH, and CHROMIUM is not set"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def watched_page(browser: Browser, viewport: ViewportSize) -> Iterator[Page]:
    """A page of its own that fails the test on any error in its console, CSP's included."""
    context = browser.new_context(
        viewport=viewport,
        locale="en-IN",
        timezone_id="Asia/Kolkata",
        reduced_motion="reduce",  # what is measured is not on its way to be something else
    )
    page = context.new_page()
    errors: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        # A refused form answers 4xx: that is in the page, and not a fault of it.
        if (
            message.type == "error"
            and "the server responded with a status of 4" not in message.text
        ):
            errors.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors, errors  # noqa: S101  (what this is for)


def schemes(page: Page) -> Sequence[Scheme]:
    """The colour schemes to look at a page in: each size in one, and at length in both."""
    width = (page.viewport_size or DESKTOP)["width"]
    if is_long():
        return ("light", "dark")
    return ("light",) if width == PHONE["width"] else ("dark",)


def photograph(page: Page, folder: Path, name: str) -> None:
    """Keep what the page looks like, in both colour schemes."""
    folder.mkdir(parents=True, exist_ok=True)
    width = (page.viewport_size or DESKTOP)["width"]
    device = "phone" if width < 600 else "desktop"
    with whole(page):
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)
            path = folder / f"{name}-{device}-{scheme}.png"
            page.screenshot(path=path, full_page=True, animations="disabled")


@contextmanager
def whole(page: Page) -> Iterator[None]:
    """Make the window as tall as the page: else the bottom bar covers what could be scrolled."""
    size = page.viewport_size or DESKTOP
    height = int(page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": size["width"], "height": max(height, size["height"])})
    yield
    page.set_viewport_size(size)


def overflows(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def violations(page: Page, axe: Path) -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA, a line each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe.read_text())  # not as a script element: the CSP would refuse it, rightly
    with whole(page):
        found = page.evaluate(
            """async () => {
                // Colours on their way from one scheme to the other are nobody's fault.
                await new Promise(requestAnimationFrame)
                document.getAnimations().forEach(a => a instanceof CSSTransition && a.finish())
                const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
                const found = await axe.run(document, {runOnly: tags, resultTypes: ['violations']})
                return found.violations.map(v => v.id + ': ' + v.nodes.map(n =>
                    n.html.slice(0, 160)).join(' | '))
            }"""
        )
    return [str(line) for line in found]
