"""A breaker: a bank that stopped answering is left alone for a while.

Without it every thread of ours would end up waiting for the same silence.
"""

import time
from threading import Lock

SILENCES = 3
REST = 10.0  # seconds


class Breaker:
    """Opens after ``SILENCES`` in a row, for ``REST`` seconds; shared by the threads of an app."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._silences = 0
        self._closed_from = 0.0

    @property
    def open(self) -> bool:
        """Whether to leave the bank alone."""
        return time.monotonic() < self._closed_from

    def answered(self) -> None:
        """Note an answer, whatever it said."""
        with self._lock:
            self._silences = 0
            self._closed_from = 0.0

    def silent(self) -> None:
        """Note that no answer came in time. The one that asks after a rest stands for all."""
        with self._lock:
            self._silences += 1
            if self._silences >= SILENCES:
                self._closed_from = time.monotonic() + REST
