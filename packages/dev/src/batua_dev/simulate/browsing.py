"""The browser of somebody in the city: it fills in forms, and every request is counted."""

import re
import time
from collections.abc import Mapping
from html import unescape
from urllib.parse import urljoin, urlsplit

import requests

from batua_dev.forms import form_with, sent_along

from .tally import Tally

PHONE = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile Safari/537.36"
PATIENCE = 30.0  # seconds until an answer must have come
# A server that has too much to do asks to come back; whoever says "in a minute" has failed.
SOON, AGAIN = 5, 5
REFUSAL = re.compile(r'class="notice bad"[^>]*>(.*?)</div>', re.DOTALL)
TAG = re.compile(r"<[^>]+>")


class GaveUp(Exception):
    """What somebody wanted did not come about; why is counted by now."""


class Browser:
    """Keeps cookies, follows redirects, and says ``step`` by step what it asked for.

    ``address`` is where its owner lives: believed by servers that have a proxy in front
    (``PROXY_HOPS``), and by others not.
    """

    def __init__(self, tally: Tally, address: str) -> None:
        self.http = requests.Session()
        self.http.headers.update({"User-Agent": PHONE, "X-Forwarded-For": address})
        self.page = requests.Response()
        self._tally = tally

    @property
    def text(self) -> str:
        """The page that is open."""
        return self.page.text

    @property
    def path(self) -> str:
        """Its path."""
        return urlsplit(self.page.url).path

    def open(self, step: str, url: str) -> "Browser":
        """Open a page, by its address or by a link of the open page."""
        return self._ask(step, "GET", urljoin(self.page.url or url, url), {})

    def submit(
        self, step: str, *, press: Mapping[str, str] | None = None, **fields: str
    ) -> "Browser":
        """Fill in the form of the open page that has ``fields``, and send it."""
        filled = {**fields, **(press or {})}
        try:
            form = form_with(set(filled), self.text)
        except AssertionError as error:
            raise self.wrong(step, str(error)) from None
        target = urljoin(self.page.url, form.action or self.page.url)
        return self._ask(step, "POST", target, {**form.values, **filled})

    def find(self, step: str, pattern: str) -> str:
        """The first group of ``pattern`` in the open page, which must have it."""
        found = re.search(pattern, self.text)
        if found is None:
            raise self.wrong(step, f"{pattern!r} is not on the page")
        return unescape(found[1])

    def arrive(self, step: str, path: str) -> None:
        """Be sure to be on a page whose path is like ``path``."""
        if not re.fullmatch(path, self.path):
            raise self.wrong(step, f"led to {re.sub(r'[0-9a-f-]{36}', '…', self.path)}")

    def wrong(self, step: str, why: str) -> GaveUp:
        """Count what should never be; returns what to raise."""
        self._tally.failed(step, why)
        return GaveUp(step)

    def _ask(self, step: str, method: str, url: str, data: Mapping[str, str]) -> "Browser":
        for _ in range(AGAIN):
            self.page = self._request(step, method, url, data)
            wait = self.page.headers.get("Retry-After", "")
            if self.page.status_code != 503 or not wait.isdigit() or int(wait) > SOON:
                break
            self._tally.waits += 1
            time.sleep(int(wait))
        if self.page.status_code == 422:
            self._tally.refused(f"{step}: {_sentence(self.text)}")
            raise GaveUp(step)
        if self.page.status_code >= 400:
            raise self.wrong(step, f"answered {self.page.status_code}")
        return self

    def _request(
        self, step: str, method: str, url: str, data: Mapping[str, str]
    ) -> requests.Response:
        headers = sent_along(self.page.url) if data else {}
        began = time.perf_counter()
        try:
            return self.http.request(method, url, data=data, headers=headers, timeout=PATIENCE)
        except requests.RequestException as error:
            raise self.wrong(step, type(error).__name__) from None
        finally:
            self._tally.answered((time.perf_counter() - began) * 1000)


def _sentence(page: str) -> str:
    """What a refusal says, without the sums and names that make each its own."""
    found = REFUSAL.search(page)
    words = " ".join(unescape(TAG.sub(" ", found[1])).split()) if found else "refused"
    return re.sub(r"₹[\d,.]+", "₹…", words)
