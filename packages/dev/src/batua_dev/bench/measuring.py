"""Turns: what is compared takes turns, and each turn says how fast it was and what it cost."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import NamedTuple

TICKS = os.sysconf("SC_CLK_TCK")
REAPED = 0.5  # seconds in which a server has counted what its ended children used


class Turn(NamedTuple):
    """One turn: how many a second, and milliseconds of CPU for each."""

    rate: float
    python: float
    postgres: float


@dataclass(frozen=True, slots=True)
class Contender:
    """Something to measure: ``prepare`` makes ready what ``work`` does and counts."""

    name: str
    title: str
    prepare: Callable[[], Callable[[], int]]


@dataclass(frozen=True, slots=True)
class Result:
    """All turns of one contender."""

    name: str
    title: str
    turns: Sequence[Turn]

    @property
    def rate(self) -> float:
        """A second, the median."""
        return median(turn.rate for turn in self.turns)

    @property
    def python(self) -> float:
        """Milliseconds of Python's CPU, the median."""
        return median(turn.python for turn in self.turns)

    @property
    def postgres(self) -> float:
        """Milliseconds of PostgreSQL's CPU, the median."""
        return median(turn.postgres for turn in self.turns)

    def against(self, other: "Result") -> float:
        """How fast it is, with ``other`` as 1: the median of the rounds' ratios."""
        pairs = zip(self.turns, other.turns, strict=True)
        return median(mine.rate / theirs.rate for mine, theirs in pairs)


def in_turn(
    contenders: Sequence[Contender], rounds: int, python: Sequence[int], postgres: int
) -> list[Result]:
    """Let all take their turn, ``rounds`` times; the processes named are the two sides."""
    turns: list[list[Turn]] = [[] for _ in contenders]
    for _ in range(rounds):
        for contender, mine in zip(contenders, turns, strict=True):
            mine.append(_turn(contender, python, postgres))
    return [
        Result(contender.name, contender.title, mine)
        for contender, mine in zip(contenders, turns, strict=True)
    ]


def _turn(contender: Contender, python: Sequence[int], postgres: int) -> Turn:
    work = contender.prepare()
    before = sum(map(cpu, python)), cpu(postgres)
    began = time.perf_counter()
    count = work()
    took = time.perf_counter() - began
    time.sleep(REAPED)
    after = sum(map(cpu, python)), cpu(postgres)
    sides = [(late - early) * 1000 / count for early, late in zip(before, after, strict=True)]
    return Turn(count / took, *sides)


def cpu(pid: int) -> float:
    """Seconds of CPU of a process and all below it; of those that ended, its own count says."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return 0
    return sum(map(int, fields[11:15])) / TICKS + sum(cpu(int(child)) for child in below)
