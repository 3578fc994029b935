"""Runs the parts of the system together: their lines in one place, one end for all."""

import os
import selectors
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .changes import Changes
from .console import Console
from .processes import Family, Member
from .stopping import Stop

TICK = 0.2  # seconds
SETTLED = 6.0  # seconds after which a part that was restarted must hold


@dataclass
class Part:
    """A process of the system, and how to start it again.

    ``once``: it does its work and ends. ``sources``: the folders whose files it runs.
    """

    name: str
    command: Sequence[str]
    once: bool = False
    sources: Sequence[Path] = ()
    member: Member | None = None
    restarted: float = 0.0
    tail: bytes = field(default=b"", repr=False)

    def concerns(self, path: str) -> bool:
        """Whether a change of the file at ``path`` changes what this part does."""
        return any(Path(path).is_relative_to(folder) for folder in self.sources)

    def trying(self) -> bool:
        """Whether it was just restarted for an edit, which may well be a broken one."""
        return time.monotonic() - self.restarted < SETTLED


class Runner:
    """Starts parts, prints their lines, restarts them when their code changes.

    A part that ends by itself ends the whole, but for one that fails on being restarted
    after an edit: that one waits for the next edit.
    """

    def __init__(
        self, family: Family, console: Console, stop: Stop, environment: Mapping[str, str]
    ) -> None:
        self._family, self._console, self._stop = family, console, stop
        self._environment = environment
        self._parts: dict[str, Part] = {}
        self._output = selectors.DefaultSelector()
        self._changes = Changes([])
        self._looked = 0.0

    def start(self, *parts: Part) -> None:
        """Start parts."""
        for part in parts:
            self._parts[part.name] = part
            self._spawn(part)
        self._changes = Changes(
            {folder for part in self._parts.values() for folder in part.sources}
        )

    def done(self, name: str) -> bool:
        """Whether a part that runs once has done its work."""
        return name not in self._parts

    def watch(self, until: Callable[[], bool] = lambda: False) -> int | None:
        """Look after the parts until that holds: None; or an exit code, if all must stop."""
        while not until():
            self._pump(TICK)
            if self._stop.now():
                return 0
            if any(self._fell(part) for part in list(self._parts.values())):
                return 1
            if fallen := self._fallen_service():
                self._console.say(f"{fallen.name} {_how(fallen)}: stopping everything.")
                return 1
            self._restart_changed()
        return None

    def drain(self) -> None:
        """Print what the parts said last."""
        while self._pump(0):
            pass

    def _spawn(self, part: Part) -> None:
        part.member = self._family.spawn(part.name, part.command, env=self._environment)
        if output := part.member.process.stdout:
            self._output.register(output, selectors.EVENT_READ, (part, output))

    def _pump(self, seconds: float) -> bool:
        """Print what has come in the meantime; say whether there was anything."""
        events = self._output.select(seconds)
        if not self._output.get_map():
            time.sleep(seconds)
        for key, _ in events:
            part, output = key.data
            if chunk := os.read(key.fd, 65536):
                *lines, part.tail = (part.tail + chunk).split(b"\n")
            else:
                self._output.unregister(output)
                output.close()
                lines, part.tail = [part.tail] if part.tail else [], b""
            for line in lines:
                self._console.line(part.name, line.decode(errors="replace").rstrip("\r"))
        return bool(events)

    def _fell(self, part: Part) -> bool:
        """Whether ``part`` ended in a way that ends everything."""
        if part.member is None or not part.member.ended():
            return False
        self.drain()
        member, part.member = part.member, None
        self._family.stop([member], grace=0)
        if part.once:
            del self._parts[part.name]
        if part.once and member.process.returncode == 0:
            return False
        if part.trying() and member.process.returncode > 0:
            self._console.line(part.name, f"{_how(member)}: waiting for your next edit.")
            return False
        self._console.line(part.name, f"{_how(member)}: stopping everything.")
        return True

    def _fallen_service(self) -> Member | None:
        ours = {id(part.member) for part in self._parts.values()}
        services = (member for member in self._family.members if id(member) not in ours)
        return next((member for member in services if member.ended()), None)

    def _restart_changed(self) -> None:
        if time.monotonic() - self._looked < 1:
            return
        self._looked = time.monotonic()
        if not (paths := self._changes.since_last_time()):
            return
        touched = [part for part in self._parts.values() if any(map(part.concerns, paths))]
        names = ", ".join(part.name for part in touched)
        self._console.say(f"{Path(paths[0]).name} changed: starting {names} again.")
        self._family.stop([part.member for part in touched if part.member])
        for part in touched:
            part.restarted = time.monotonic()
            self._spawn(part)


def _how(member: Member) -> str:
    """How a process ended, in words."""
    code = member.process.returncode
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
