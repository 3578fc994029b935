"""What the developer sees: every part's lines, each with its time and name."""

import os
import re
import sys
import time
from contextlib import suppress

# Our own clock stands before each line: a second one is noise.
TIME = re.compile(r"^\d{4}-\d\d-\d\dT[\d:.]+Z? +")
COLOURS = (36, 33, 32, 35, 34, 31)


class Console:
    """Writes whole lines, in colour on a terminal."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._width = max(map(len, names), default=0)
        self._colour = _colourful()

    def line(self, name: str, text: str) -> None:
        """A line that a part wrote."""
        head = f"{time.strftime('%H:%M:%S')} {name:<{self._width}} |"
        if self._colour and name in self._names:
            colour = COLOURS[self._names.index(name) % len(COLOURS)]
            head = f"\x1b[{colour}m{head}\x1b[0m"
        self.say(f"{head} {TIME.sub('', text)}")

    def say(self, text: str = "") -> None:
        """Something of our own; a terminal that is gone keeps nobody from stopping in order."""
        with suppress(OSError, ValueError):
            print(text, flush=True)


def _colourful() -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()
