"""One attempt to deliver a webhook over HTTP. No database here: this may take long."""

import email.utils
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import requests
from requests_hardened import Config, HTTPSession
from urllib3.exceptions import HTTPError

from batua_config import webhooks

from .deadline import Deadline

TIMEOUTS = (5, 15)  # seconds: to connect, and to answer
DEADLINE = 30  # seconds in all
LONGEST_WAIT = 24 * 3600
KEPT = 1024  # bytes of an answer that refuses: what else they say stays unread


def letter_body(type: str, happened_at: datetime, data: dict[str, Any]) -> bytes:
    """What is sent of an event, and signed: the same bytes whenever it is."""
    said = {"type": type, "timestamp": happened_at.isoformat(), "data": data}
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode()


# Where an address may lead, once its host is resolved: to the public internet only, in
# development to this machine too, or, where it is of our own settings, anywhere.
Reach = Literal["public", "loopback", "anywhere"]


@dataclass(frozen=True, slots=True)
class Letter:
    """An event on its way: the same body and id at every attempt."""

    id: str
    endpoint: UUID
    url: str
    reach: Reach
    secrets: Sequence[str]  # newest first
    attempt: int
    type: str
    happened_at: datetime
    data: dict[str, Any]

    @property
    def body(self) -> bytes:
        """What is signed and sent."""
        return letter_body(self.type, self.happened_at, self.data)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt went. Without a ``status`` nobody answered; ``answer`` is of a refusal."""

    status: int | None
    error: str
    milliseconds: int
    retry_after: int = 0
    answer: str = ""  # how what they said began, if they refused

    @property
    def delivered(self) -> bool:
        """Only 2xx is success: a redirect is not followed, so it delivered nothing."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def refused_for_good(self) -> bool:
        """410: they want no more of it."""
        return self.status == 410


def send(letter: Letter) -> Outcome:
    """Post a letter, freshly signed, and say how it went."""
    if not letter.secrets:  # of a client that was closed
        return Outcome(None, "NoKey", 0)
    began = time.monotonic()
    headers = webhooks.sign(letter.secrets, letter.id, letter.body)
    with _browser(letter.reach) as http, Deadline(http, DEADLINE) as deadline:
        try:
            status, retry_after, said = _post(http, letter, headers)
            error = ""
        except (requests.RequestException, ValueError) as failure:
            status, retry_after, said, error = None, 0, "", type(failure).__name__
    if deadline.over:  # what was cut off can look like a whole answer
        status, retry_after, said, error = None, 0, "", "TookTooLong"
    took = round((time.monotonic() - began) * 1000)
    return Outcome(status, error, took, retry_after, said)


def _post(http: requests.Session, letter: Letter, headers: dict[str, str]) -> tuple[int, int, str]:
    http.trust_env = False  # no proxy and no .netrc of whoever started us
    with http.post(
        letter.url,
        data=letter.body,
        headers={**headers, "Content-Type": "application/json", "User-Agent": "batua-bank"},
        timeout=TIMEOUTS,
        allow_redirects=False,
        stream=True,
    ) as answer:
        asked = answer.status_code in {429, 503}
        wait = _seconds(answer.headers.get("Retry-After", "")) if asked else 0
        taken = 200 <= answer.status_code < 300
        return answer.status_code, wait, "" if taken else _beginning(answer)


def _browser(reach: Reach) -> requests.Session:
    """Whose address others chose is resolved once, checked, and connected to by what was found."""
    if reach == "anywhere":
        return requests.Session()
    return HTTPSession(
        Config(
            ip_filter_enable=True,
            ip_filter_allow_loopback_ips=reach == "loopback",
            never_redirect=True,
            default_timeout=TIMEOUTS,
        )
    )


def _beginning(answer: requests.Response) -> str:
    """How an answer begins: what comes at once, since the rest may come drop by drop."""
    try:
        said: bytes = answer.raw.read1(KEPT, decode_content=True)
    except (HTTPError, OSError):
        return ""
    return said.decode("utf-8", "replace").replace("\0", "\ufffd")


def _seconds(retry_after: str) -> int:
    """Seconds of a Retry-After, given as a number or as a date; 0 for what is neither."""
    if retry_after.isascii() and retry_after.isdigit():
        return min(int(retry_after[:9]), LONGEST_WAIT)
    try:
        at = email.utils.parsedate_to_datetime(retry_after)
    except ValueError:
        return 0
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0, min(round((at - datetime.now(UTC)).total_seconds()), LONGEST_WAIT))
