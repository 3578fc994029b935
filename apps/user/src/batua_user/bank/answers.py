"""What an answer of the bank means, and a silence."""

from typing import Any

import requests
from urllib3.exceptions import NameResolutionError, NewConnectionError

from batua_config import webhooks
from batua_config.webhooks import Unreadable

PATIENCE = 5  # seconds after a 429 that names none


class BankError(Exception):
    """A call to the bank that brought no answer to work with."""


class BankUnreachable(BankError):
    """Nobody listens there, or the breaker is open: this call never left us."""


class BankSilent(BankError):
    """No answer, or none that can be read: what the bank did is unknown."""


class BankRefused(BankError):
    """The bank answered no: ``status``, its ``code``, and a sentence for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message


def understand(status: int, content: bytes) -> Any:
    """Read an answer; raises ``BankRefused``, or ``BankSilent`` where it says nothing certain."""
    try:
        answer = webhooks.parse(content)
    except Unreadable as error:
        raise BankSilent(f"{status}, not JSON") from error
    if 200 <= status < 300:
        return answer
    error = answer.get("error")
    if not isinstance(error, dict):
        raise BankSilent(f"{status} without a reason")
    code, message = str(error.get("code", "")), str(error.get("message", ""))
    if status in {429, 500, 502, 504} or status < 400:
        raise BankSilent(f"{status} {code}")
    raise BankRefused(status, code, message)


def never_left(error: requests.RequestException) -> bool:
    """Say whether the connection was refused outright, so that the bank can't have heard us."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, NewConnectionError | NameResolutionError)


def seconds(retry_after: str) -> int:
    """How long the bank asks us to wait; it says so in seconds."""
    plain = retry_after.isascii() and retry_after.isdigit()
    return int(retry_after[:9]) if plain else PATIENCE
