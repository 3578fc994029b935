"""The site of the docs: built strictly, and looked at as its readers see it."""

import os
import signal
import subprocess
import threading
from collections.abc import Generator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page

from batua_dev.browser import DESKTOP, PHONE, overflows, watched_page
from batua_dev.system import free_port, until

from .visits import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.long]

SITE = ROOT / "site"


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def origin() -> Generator[str]:
    """The site as `just docs` builds it, served to a browser."""
    subprocess.run(["uv", "run", "just", "docs"], cwd=ROOT, check=True, timeout=300)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=SITE)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_shows_what_it_has_and_asks_nobody_else(
    origin: str, chromium: Browser, size: Any, scheme: Any
) -> None:
    with watched_page(chromium, size) as page:
        page.emulate_media(color_scheme=scheme)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for source in sorted((ROOT / "docs").glob("*.md")):
            page.goto(f"{origin}/{source.stem}.html")
            assert_drawn(page, source)
            assert not overflows(page), source.name
        own = (origin, "data:", "blob:")
        assert [url for url in asked if not url.startswith(own)] == []


def test_it_is_served_while_it_is_written() -> None:
    address = f"127.0.0.1:{free_port()}"
    command = ["uv", "run", "just", "docs-serve", "--dev-addr", address]
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True) as serving:
        try:
            until(lambda: answers(f"http://{address}/"), "nothing is served", seconds=60)
        finally:
            os.killpg(serving.pid, signal.SIGKILL)


def answers(url: str) -> bool:
    try:
        return "Batua" in requests.get(url, timeout=2).text
    except requests.ConnectionError:
        return False


def assert_drawn(page: Page, source: Path) -> None:
    """Each diagram became a picture, and each picture was loaded."""
    diagrams = source.read_text().count("```mermaid")
    page.wait_for_function(
        "n => document.querySelectorAll('div.mermaid').length === n", arg=diagrams, timeout=20_000
    )
    assert page.locator("pre.mermaid").count() == 0, source.name
    sizes = page.locator("div.mermaid").evaluate_all("all => all.map(each => each.clientHeight)")
    assert all(height > 50 for height in sizes), f"{source.name}: {sizes}"
    broken = "all => all.filter(each => each.complete && !each.naturalWidth).map(each => each.src)"
    assert page.locator("img").evaluate_all(broken) == []
