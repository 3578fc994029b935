"""When to stop: a signal, or the death of whoever started us."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LAUNCHERS = {"just", "uv"}
SHELLS = {"sh", "bash", "dash", "zsh"}


class Stopped(BaseException):
    """We were told to stop while something was being started."""


class Stop:
    """Takes the signals from now on, and remembers that we were told to stop."""

    def __init__(self) -> None:
        self.asked = False
        self._interrupts = False
        self._chain = _launchers()
        for number in SIGNALS:
            signal.signal(number, self._hear)

    def now(self) -> bool:
        """Whether it is time: somebody said so, or ``uv`` or ``just`` above us was killed."""
        self.asked = self.asked or any(_parent(pid) != parent for pid, parent in self._chain)
        return self.asked

    @contextmanager
    def interrupts(self) -> Generator[None]:
        """Within this block a signal raises ``Stopped``; elsewhere it is remembered."""
        if self.asked:
            raise Stopped
        self._interrupts = True
        try:
            yield
        finally:
            self._interrupts = False

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
        if self._interrupts:
            self._interrupts = False
            raise Stopped


def _launchers() -> list[tuple[int, int]]:
    """Each process from us up to the ``uv`` or ``just`` that we serve, with its parent.

    If one of them is killed, what is under it gets another parent.
    """
    chain: list[tuple[int, int]] = []
    served = 0
    pid = os.getpid()
    while pid > 1 and len(chain) < 8:
        parent = _parent(pid)
        chain.append((pid, parent))
        name = _name(parent)
        if name in LAUNCHERS:
            served = len(chain)
        elif name not in SHELLS:
            break
        pid = parent
    return chain[:served]


def _parent(pid: int) -> int:
    if pid == os.getpid():
        return os.getppid()
    with suppress(OSError, ValueError, IndexError):
        if sys.platform == "linux":
            # After the name, which may hold anything, and its closing bracket: state, parent.
            return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        return int(_ask_ps(pid, "ppid"))
    return 0


def _name(pid: int) -> str:
    with suppress(OSError):
        if sys.platform == "linux":
            return Path(f"/proc/{pid}/comm").read_text().strip()
        return Path(_ask_ps(pid, "comm")).name
    return ""


def _ask_ps(pid: int, what: str) -> str:
    asked = ["/bin/ps", "-o", f"{what}=", "-p", str(pid)]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
