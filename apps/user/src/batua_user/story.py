"""Where is my money: an operation told from its steps, for a status page and for the desk.

What is done is solid, what happens now is stitched, what comes next is named, too.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

KnotState = Literal["done", "now", "todo", "fail"]


@dataclass(frozen=True, slots=True)
class Knot:
    """One knot of the thread."""

    state: KnotState
    title: str
    at: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """An operation for its status page. ``version`` changes when there is something new."""

    version: str
    live: bool
    label: str
    tone: str
    icon: str
    title: str
    text: str
    steps: list[Knot]
