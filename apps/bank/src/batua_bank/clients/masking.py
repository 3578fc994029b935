"""What is kept of a call: enough to build a client by, without what it says of people.

Account numbers keep their last four digits, names their first letters, and a payment link
loses what makes it work.
"""

import json
from collections.abc import Callable
from typing import Any

LONGEST = 8_000  # characters of one body
PAY = "/pay/"


def body(content: bytes) -> str:
    """A JSON body, masked, and cut where it is too long; of anything else, why it is not one."""
    if not content:
        return ""
    try:
        said = _masked(json.loads(content.decode()))
    except (ValueError, RecursionError) as error:
        why = error.args[0] if isinstance(error, json.JSONDecodeError) else "it can’t be read"
        return f"{len(content)} bytes that are not JSON: {why}"
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    text = text.replace("\\u0000", "\\ufffd")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… {len(text) - LONGEST} more"


def _masked(said: Any, name: str = "") -> Any:
    if isinstance(said, dict):
        return {each: _masked(value, each) for each, value in said.items()}
    if isinstance(said, list):
        return [_masked(each, name) for each in said]
    hide = HIDDEN.get(name)
    return hide(str(said)) if hide and said is not None else said


def _number(number: str) -> str:
    return f"••••{number[-4:]}" if len(number) > 4 else "••••"


def _name(name: str) -> str:
    return " ".join(f"{word[0]}•••" for word in name.split())


def _link(url: str) -> str:
    front, pay, _ = url.partition(PAY)
    return f"{front}{pay}•••" if pay else url


HIDDEN: dict[str, Callable[[str], str]] = {
    "account_number": _number,
    "holder": _name,
    "holder_masked": _name,
    "url": _link,
}
