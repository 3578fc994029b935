"""Children end with their parent, however it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from batua_dev.processes import Family

# A child with a child of its own, as a web server has; both say their number.
SERVER = ["/bin/sh", "-c", "sleep 600 & echo $$ $!; wait"]
STUBBORN = ["/bin/sh", "-c", "trap '' TERM; echo $$; sleep 600; sleep 600"]
PARENT = f"""
import sys, time
from batua_dev.processes import Family
family = Family()
member = family.spawn("server", {SERVER!r})
print(member.process.stdout.readline().decode(), flush=True)
time.sleep(600)
"""


def test_stopping_ends_a_child_and_its_children() -> None:
    family = Family()
    server = family.spawn("server", SERVER)
    pids = numbers(server.process)

    family.close()

    assert not any(map(alive, pids))


def test_a_child_that_does_not_listen_is_killed() -> None:
    family = Family()
    stubborn = family.spawn("stubborn", STUBBORN)
    numbers(stubborn.process)

    family.stop(grace=0.2)

    assert stubborn.process.returncode == -signal.SIGKILL
    family.close()


def test_what_a_killed_child_leaves_behind_ends_as_well() -> None:
    family = Family()
    server = family.spawn("server", SERVER)
    pids = numbers(server.process)

    server.process.kill()
    server.process.wait()
    family.close()

    assert soon(lambda: not any(map(alive, pids)))


@pytest.mark.parametrize("whole_group", [False, True])
def test_a_killed_parent_leaves_nothing_running(whole_group: bool) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, start_new_session=True
    )
    pids = numbers(parent)

    (os.killpg if whole_group else os.kill)(parent.pid, signal.SIGKILL)
    parent.wait()

    assert soon(lambda: not any(map(alive, pids)))


def test_a_folder_is_thrown_away_when_the_parent_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "to throw away"
    folder.mkdir()
    program = (
        "import os, pathlib, signal\nfrom batua_dev.processes import Family\n"
        f"Family().remove_if_killed(pathlib.Path({str(folder)!r}))\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )

    subprocess.run([sys.executable, "-c", program], check=False)

    assert soon(lambda: not folder.exists())


def numbers(process: subprocess.Popen[bytes]) -> list[int]:
    """The process numbers that it prints on its first line."""
    assert process.stdout is not None
    with process.stdout as output:
        return [int(number) for number in output.readline().split()]


def alive(pid: int) -> bool:
    """Whether it runs; one that nobody has buried yet does not."""
    asked = ["ps", "-o", "stat=", "-p", str(pid)]
    state = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return bool(state) and not state.startswith("Z")


def soon(holds: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
