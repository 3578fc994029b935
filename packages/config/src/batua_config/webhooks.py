"""Webhooks, as https://www.standardwebhooks.com asks: how they are signed, verified and read.

The format is the library's; the guards around it are ours, since it answers some
malformed headers with errors of Python's and remembers nothing.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

TOLERANCE = 300  # seconds, either way
MESSAGE_ID = re.compile(r"[A-Za-z0-9_:-]{1,128}", re.ASCII)
TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
SIGNATURE = r"v[0-9][a-z]?,[A-Za-z0-9+/=]{1,200}"
MOST_SIGNATURES = 10
SIGNATURES = re.compile(f"{SIGNATURE}( {SIGNATURE}){{0,{MOST_SIGNATURES - 1}}}", re.ASCII)


class NotAuthentic(Exception):
    """No known secret signed this body, now, under this id."""


class Unreadable(Exception):
    """The body is authentic, but not the JSON object it should be."""


def sign(secrets: Sequence[str], message_id: str, body: bytes) -> dict[str, str]:
    """Return the headers of ``body``, with a fresh timestamp, signed by each of the secrets.

    While a secret is changed, a receiver verifies with the one it has, old or new.
    """
    now = datetime.now(UTC)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(
            Webhook(secret).sign(message_id, now, body.decode())
            for secret in secrets[:MOST_SIGNATURES]
        ),
    }


def verify(secrets: Sequence[str], headers: Mapping[str, str], body: bytes) -> str:
    """Return the message id, or raise ``NotAuthentic``."""
    message_id = _header(headers, "webhook-id", MESSAGE_ID)
    sent_at = int(_header(headers, "webhook-timestamp", TIMESTAMP))
    signatures = _header(headers, "webhook-signature", SIGNATURES)
    if abs(datetime.now(UTC).timestamp() - sent_at) > TOLERANCE:
        raise NotAuthentic
    checked = {
        "webhook-id": message_id,
        "webhook-timestamp": str(sent_at),
        "webhook-signature": signatures,
    }
    # Every secret is tried, whichever fits: the time taken tells nothing.
    if not any([_verifies(secret, checked, body) for secret in secrets]):  # noqa: C419
        raise NotAuthentic
    return message_id


def parse(body: bytes) -> dict[str, Any]:
    """Read a body strictly: one object, no key twice, no NaN. Raises ``Unreadable``."""
    try:
        data: Any = json.loads(body, object_pairs_hook=_once_each, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Unreadable from error
    if not isinstance(data, dict):
        raise Unreadable
    return cast(dict[str, Any], data)


def _header(headers: Mapping[str, str], name: str, shape: re.Pattern[str]) -> str:
    value = headers.get(name, "")
    if not shape.fullmatch(value):
        raise NotAuthentic
    return value


def _verifies(secret: str, headers: dict[str, str], body: bytes) -> bool:
    try:
        Webhook(secret).verify(body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):
        return False
    return True


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
