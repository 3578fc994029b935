"""The runner: lines, crashes, and restarts after an edit."""

import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from batua_dev.console import Console
from batua_dev.processes import Family
from batua_dev.runner import Part, Runner
from batua_dev.stopping import Stop

SLEEP = ["/bin/sh", "-c", "echo up; exec sleep 600"]


class Screen(Console):
    """A console that keeps what it shows."""

    def __init__(self) -> None:
        super().__init__(["part"])
        self.lines: list[str] = []

    def say(self, text: str = "") -> None:
        self.lines.append(text)

    def shows(self, text: str, times: int = 1) -> bool:
        return "\n".join(self.lines).count(text) >= times


class Never(Stop):
    """Nobody tells this one to stop; the test's own signals are left alone."""

    def __init__(self) -> None:
        pass

    def now(self) -> bool:
        return False


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def runner(screen: Screen) -> Generator[Runner]:
    family = Family()
    runner = Runner(family, screen, Never(), {})
    yield runner
    family.close()
    runner.drain()


def test_lines_carry_the_name_of_their_part_and_lose_their_own_clock(
    runner: Runner, screen: Screen
) -> None:
    runner.start(
        Part("part", ["/bin/sh", "-c", "echo 2026-01-02T03:04:05.678Z hello; exec sleep 9"])
    )

    runner.watch(until=within(lambda: screen.shows("part | hello")))

    assert "2026-01-02" not in "".join(screen.lines)


def test_a_part_that_ends_ends_everything(runner: Runner, screen: Screen) -> None:
    runner.start(Part("part", ["/bin/sh", "-c", "printf 'last words'; exit 3"]))

    assert runner.watch() == 1
    assert screen.shows("last words")
    assert screen.shows("ended with code 3")


def test_a_part_that_runs_once_may_end(runner: Runner) -> None:
    runner.start(Part("part", ["/bin/sh", "-c", "exit 0"], once=True))

    assert runner.watch(until=within(lambda: runner.done("part"))) is None


def test_a_part_that_runs_once_may_not_fail(runner: Runner) -> None:
    runner.start(Part("part", ["/bin/sh", "-c", "exit 1"], once=True))

    assert runner.watch() == 1


def test_an_edit_restarts_those_it_concerns(runner: Runner, screen: Screen, tmp_path: Path) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    for folder in (mine, other):
        folder.mkdir()
    runner.start(Part("part", SLEEP, sources=[mine]), Part("beside", SLEEP, sources=[other]))
    runner.watch(until=within(lambda: screen.shows("up", 2)))

    (mine / "module.py").write_text("changed = True\n")
    runner.watch(until=within(lambda: screen.shows("up", 3)))

    assert screen.shows("module.py changed: starting part again.")


def test_a_broken_edit_waits_for_a_better_one(
    runner: Runner, screen: Screen, tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    works = "import time\nprint('up', flush=True)\ntime.sleep(600)\n"
    program.write_text(works)
    runner.start(Part("part", [sys.executable, str(program)], sources=[tmp_path]))
    runner.watch(until=within(lambda: screen.shows("up")))

    program.write_text("raise SystemExit(7)\n")
    code = runner.watch(until=within(lambda: screen.shows("waiting for your next edit")))
    program.write_text(works)
    runner.watch(until=within(lambda: screen.shows("up", 2)))

    assert code is None


def within(holds: Callable[[], bool], seconds: float = 20) -> Callable[[], bool]:
    """``holds``, but an error if it takes too long."""
    deadline = time.monotonic() + seconds

    def check() -> bool:
        assert time.monotonic() < deadline, "it did not come to be"
        return holds()

    return check
