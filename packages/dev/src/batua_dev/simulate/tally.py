"""What came of a simulation: each request, each failure by its kind, each rupee that moved."""

import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import quantiles

RECENT = 10.0  # seconds that the live line looks back


@dataclass
class Tally:
    """Counts; nobody shares it with another process."""

    people: int = 0
    requests: int = 0
    waits: int = 0  # times that a server asked to come back in a moment
    failures: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    refusals: Counter[str] = field(default_factory=Counter[str])
    moves: Counter[str] = field(default_factory=Counter[str])
    paise: Counter[str] = field(default_factory=Counter[str])
    times: list[float] = field(default_factory=list[float])  # ms of every request
    moments: list[float] = field(default_factory=list[float])  # of every payment
    began: float = field(default_factory=time.monotonic)

    def answered(self, milliseconds: float) -> None:
        """A request had an answer, or ended without one."""
        self.requests += 1
        self.times.append(milliseconds)

    def failed(self, step: str, why: str) -> None:
        """Something went wrong that never should."""
        self.failures[step, why] += 1

    def refused(self, sentence: str) -> None:
        """A rule said no, in words for the person who asked."""
        self.refusals[sentence] += 1

    def moved(self, kind: str, paise: int) -> None:
        """Money arrived where it was sent."""
        self.moves[kind] += 1
        self.paise[kind] += paise
        self.moments.append(time.monotonic())

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.began

    @property
    def rate(self) -> float:
        """Payments a second, of late."""
        window = min(RECENT, max(self.seconds, 1.0))
        since = time.monotonic() - window
        return sum(1 for moment in reversed(self.moments) if moment >= since) / window

    def percentile(self, percent: int) -> float:
        """Milliseconds within which so many of the requests were answered."""
        if len(self.times) < 2:
            return self.times[0] if self.times else 0.0
        return quantiles(self.times, n=100)[percent - 1]
