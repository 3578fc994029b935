"""What PostgreSQL and Valkey have in common: a port, a log, and a moment of readiness."""

import socket
import time
from abc import ABC, abstractmethod
from pathlib import Path

from .failure import Failure
from .files import last_lines
from .processes import Family, Member
from .unprivileged import service_user

TRIES = 3  # a free port may be taken by somebody else before the service binds it
LARGEST_LOG = 5_000_000


class Service(ABC):
    """One server on the loopback address, with its data and log in ``folder``."""

    name: str

    def __init__(self, family: Family, folder: Path, *, throwaway: bool = False) -> None:
        self.family, self.folder, self.throwaway = family, folder, throwaway
        self.user = service_user()
        self.log = folder / f"{self.name}.log"
        self.data = folder / self.name
        self.port = 0
        self.member: Member | None = None

    def start(self) -> None:
        """Start the server, and return before it is ready: several can start together."""
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.unlink()
        self.initialise()
        self._launch()

    def wait(self, seconds: float = 30) -> None:
        """Return when the server answers; on a port snatched away, try another."""
        for _ in range(TRIES - 1):
            if self._answered(seconds):
                return
            self._launch()
        if not self._answered(seconds):
            raise Failure(f"{self.name} ended before it was ready:\n{last_lines(self.log)}")

    def stop(self) -> None:
        """Shut the server down."""
        if self.member:
            self.family.stop([self.member])
            self.member = None

    @abstractmethod
    def initialise(self) -> None:
        """Make what the server needs on disk."""

    @abstractmethod
    def launch(self) -> Member:
        """Start the server on ``self.port``."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server serves."""

    def _launch(self) -> None:
        self.stop()
        self.port = free_port()
        self.member = self.launch()

    def _answered(self, seconds: float) -> bool:
        """Wait for an answer; False if the server ended instead."""
        deadline = time.monotonic() + seconds
        while not self.answers():
            if self.member is None or self.member.ended():
                return False
            if time.monotonic() > deadline:
                said = last_lines(self.log)
                raise Failure(f"{self.name} did not answer in {seconds:.0f} s:\n{said}")
            time.sleep(0.02)
        return True


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
