"""One attempt to deliver a webhook over HTTP. No database here: this may take long."""

import email.utils
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import requests
import urllib3.exceptions

from batua_config import webhooks

TIMEOUTS = (5, 15)  # seconds: to connect, and to answer
LONGEST_WAIT = 24 * 3600
KEPT = 1024  # bytes of a refusal


@dataclass(frozen=True, slots=True)
class Letter:
    """An event on its way: the same body and id at every attempt."""

    id: str
    endpoint: UUID
    url: str
    secrets: Sequence[str]  # newest first
    attempt: int
    type: str
    happened_at: datetime
    data: dict[str, Any]

    @property
    def body(self) -> bytes:
        """What is signed and sent."""
        said = {"type": self.type, "timestamp": self.happened_at.isoformat(), "data": self.data}
        return json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt went. Without a ``status`` nobody answered; ``answer`` is of a refusal."""

    status: int | None
    error: str
    milliseconds: int
    retry_after: int = 0
    answer: str = ""

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
    began = time.monotonic()
    headers = webhooks.sign(letter.secrets, letter.id, letter.body)
    status, retry_after, answer, error = None, 0, "", ""
    try:
        status, retry_after, answer = _post(letter, headers)
    except requests.RequestException as failure:
        error = type(failure).__name__
    took = round((time.monotonic() - began) * 1000)
    return Outcome(status, error, took, retry_after, answer)


def _post(letter: Letter, headers: dict[str, str]) -> tuple[int, int, str]:
    with requests.Session() as http:
        http.trust_env = False  # no proxy and no .netrc of whoever started us
        with http.post(
            letter.url,
            data=letter.body,
            headers={**headers, "Content-Type": "application/json", "User-Agent": "batua-bank"},
            timeout=TIMEOUTS,
            allow_redirects=False,
            stream=True,  # only the status counts, and of a refusal a little of what it says
        ) as answer:
            asked = answer.status_code in {429, 503}
            wait = _seconds(answer.headers.get("Retry-After", "")) if asked else 0
            taken = 200 <= answer.status_code < 300
            return answer.status_code, wait, "" if taken else _beginning(answer)


def _beginning(answer: requests.Response) -> str:
    """What a refusal says at first, as far as it comes in one piece, for whoever looks into it."""
    try:
        said = answer.raw.read1(KEPT, decode_content=False)
    except (OSError, urllib3.exceptions.HTTPError):  # it has refused: what it says is a bonus
        return ""
    return said[:KEPT].decode(errors="replace").replace("\0", "\ufffd")


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
