"""What waits for a member of staff: each feature of the desk tells of its own."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Queue:
    """A line of the desk's first page. ``waiting`` is how many; ``tone`` ``bad`` can't wait."""

    title: str
    endpoint: str  # the page that shows them
    icon: str
    waiting: int
    oldest: datetime | None = None
    text: str = ""  # in place of the count, where there is more to say than a number
    tone: str = ""
