"""A breaker: a bank that stopped answering, or asked for patience, is left alone for a while.

Without it every thread of ours would end up waiting for the same silence, or asking a bank
that has too much to do.
"""

import time
from threading import Lock

SILENCES = 3
REST = 10.0  # seconds
LONGEST_WAIT = 60.0  # seconds, whatever the bank asks for


class Breaker:
    """Opens after ``SILENCES`` in a row, for ``REST`` seconds; shared by the threads of an app."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._silences = 0
        self._rests_until = 0.0
        self._asked_until = 0.0

    def lets_through(self) -> bool:
        """Whether to ask the bank now. After a rest one may, and the others await its answer."""
        with self._lock:
            now = time.monotonic()
            if now < max(self._rests_until, self._asked_until):
                return False
            if self._silences >= SILENCES:
                self._rests_until = now + REST
            return True

    def answered(self) -> None:
        """Note an answer, whatever it said."""
        with self._lock:
            self._silences = 0
            self._rests_until = 0.0

    def wait(self, seconds: float) -> None:
        """Ask nothing for so long, since the bank said so; other answers don't end that."""
        with self._lock:
            self._asked_until = time.monotonic() + min(seconds, LONGEST_WAIT)

    def silent(self) -> None:
        """Note that no answer came in time. The one that asks after a rest stands for all."""
        with self._lock:
            self._silences += 1
            if self._silences >= SILENCES:
                self._rests_until = time.monotonic() + REST
