"""Child processes that never outlive this one, however it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .unprivileged import User

HERE = Path(__file__).parent
LEFTOVERS = 1.5  # seconds for what outlived the leader of its group


@dataclass(frozen=True)
class Member:
    """One child: the leader of a process group of its own."""

    name: str
    process: subprocess.Popen[bytes]
    stop_signal: signal.Signals

    def ended(self) -> bool:
        """Whether the child itself is gone; others of its group may not be."""
        return self.process.poll() is not None

    def ask_to_end(self) -> None:
        """Signal the child alone: a server tells its own children, in its own order."""
        with suppress(ProcessLookupError, PermissionError):
            self.process.send_signal(self.stop_signal)

    def signal_group(self, how: int) -> bool:
        """Signal the group, whose leader may be gone already; say whether anyone was there."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, how)
            return True
        return False


class Family:
    """Starts children, and sees to it that all of them end.

    Three belts: ``stop`` in the ordinary case, Linux's parent-death signal, and a watcher
    process that notices our death by the end of a pipe and stops whole groups (which is
    what ends grandchildren, and what works on macOS).
    """

    def __init__(self, keep_open: Iterable[int] = ()) -> None:
        """The watcher inherits ``keep_open``: a lock is held until it, too, has finished."""
        self.members: list[Member] = []
        self._watcher = subprocess.Popen(
            [sys.executable, "-IS", HERE / "watcher.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            pass_fds=tuple(keep_open),
            start_new_session=True,
        )

    def spawn(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        user: User | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        stdin: int = subprocess.DEVNULL,
        output: int | IO[bytes] = subprocess.PIPE,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Member:
        """Start ``command`` in a process group of its own, tied to our life."""
        identity = f"{user.uid}:{user.gid}" if user else "-"
        tether = [sys.executable, "-IS", HERE / "tether.py", str(os.getpid())]
        process = subprocess.Popen(
            [*tether, str(int(stop_signal)), identity, *command],
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=env,
            start_new_session=True,
        )
        self._tell(f"stop {process.pid} {int(stop_signal)}")
        member = Member(name, process, stop_signal)
        self.members.append(member)
        return member

    def remove_if_killed(self, folder: Path) -> None:
        """Have the watcher delete ``folder`` if we are killed."""
        self._tell(f"remove {folder}")

    def stop(self, members: Sequence[Member] | None = None, grace: float = 8.0) -> None:
        """End ``members`` (all, by default): ask, wait for ``grace`` seconds, kill.

        What a child left behind, having been killed itself, ends as well.
        """
        members = list(self.members if members is None else members)
        for member in members:
            member.ask_to_end()
        _wait(lambda: all(member.ended() for member in members), grace)
        left = [member for member in members if member.signal_group(signal.SIGTERM)]
        _wait(lambda: not any(member.signal_group(0) for member in left), LEFTOVERS)
        for member in members:
            member.signal_group(signal.SIGKILL)
            member.process.wait()
            self.members.remove(member)

    def close(self) -> None:
        """Stop whoever is left, and let the watcher go."""
        self.stop()
        self._tell("done")
        with suppress(OSError):
            assert self._watcher.stdin is not None  # noqa: S101  (PIPE above)
            self._watcher.stdin.close()
        self._watcher.wait()

    def _tell(self, order: str) -> None:
        pipe = self._watcher.stdin
        with suppress(OSError):  # a watcher that was killed: the other belts hold
            if pipe is not None:
                pipe.write(f"{order}\n".encode())
                pipe.flush()


def _wait(until: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not until() and time.monotonic() < deadline:
        time.sleep(0.02)
