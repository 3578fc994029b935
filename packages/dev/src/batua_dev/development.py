"""``just dev``: the whole system from one command, and nothing left of it afterwards."""

import http.client
import os
import socket
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

from . import given
from .console import Console
from .failure import Failure
from .folder import Folder
from .runner import Part, Runner
from .schema import migrated
from .services import Services, owned, start
from .stopping import Stop

STARTED = time.monotonic()
SLOW = 90.0
SHARED_SOURCES = tuple(Path("packages", name, "src") for name in ("config", "db", "ui"))
PYTHON = sys.executable
PARTS = ("bank", "user", "bank-worker", "user-worker")

WELCOME = """
  Batua is running; it took {seconds:.1f} s. Ctrl-C stops it.

    the wallet  {user}
                phone 98765 00001 (Asha), 98765 00002 (Ravi), 98765 00003
                password batua-demo-1, PIN 246810
                codes sent by SMS: {user}/dev/messages
    the bank    {bank}
                customer 10000001, 10000002, 20000001
                password bank-demo-1, MPIN 135790
    the data    {data}
"""


def run(folder: Folder, set_by_user: Mapping[str, str]) -> int:
    """Run everything until told to stop; 0 if that is why it ended."""
    ports = {"user": given.port(set_by_user, "USER_PORT", 3001)}
    ports["bank"] = given.port(set_by_user, "BANK_PORT", 3002)
    stop = Stop()
    with ExitStack() as stack:
        with stop.interrupts():
            family = stack.enter_context(owned(folder, "dev"))
            _check_free(ports)
            services = start(family, folder, set_by_user)
        console = Console([*PARTS, "migrate", "seed"])
        everything = {**os.environ, **services.environment, "PYTHONUNBUFFERED": "1"}
        runner = Runner(family, console, stop, given.for_python(everything))
        code = _bring_up(runner, services, ports, everything)
        if code is None:
            console.say(_welcome(folder, set_by_user, ports))
            code = runner.watch()
        family.stop([member for member in family.members if member.name in PARTS])
        runner.drain()
        return code or 0


def _bring_up(
    runner: Runner, services: Services, ports: Mapping[str, int], environment: Mapping[str, str]
) -> int | None:
    """Migrate, then start the parts, with the seed beside them, until both apps answer."""
    services.invite()
    if not migrated(environment):
        runner.start(Part("migrate", [PYTHON, "-m", "batua_dev", "migrate"], once=True))
        code = runner.watch(until=lambda: runner.done("migrate"))
        if code is not None:
            return code
    runner.start(
        *(_app(name, port) for name, port in ports.items()),
        Part("seed", [PYTHON, "-m", "batua_dev", "seed"], once=True),
    )
    answers = Answers(ports.values())
    code = runner.watch(until=lambda: answers.all_did() and runner.done("seed"))
    if code is None:  # the workers come last: they call the apps, and need the demo's banks
        runner.start(*map(_worker, ports))
    return code


def _app(name: str, port: int) -> Part:
    """A web server: one process with threads, on the loopback address."""
    granian = [PYTHON, "-m", "granian", "--interface", "wsgi", f"batua_{name}.wsgi:app"]
    where = ["--host", "127.0.0.1", "--port", str(port)]
    how = ["--workers", "1", "--blocking-threads", "4", "--no-ws", "--log-level", "warning"]
    return Part(name, [*granian, *where, *how], sources=_sources(name))


def _worker(name: str) -> Part:
    command = [PYTHON, "-m", f"batua_{name}.worker"]
    return Part(f"{name}-worker", command, sources=_sources(name))


def _sources(name: str) -> tuple[Path, ...]:
    return (Path("apps", name, "src"), *SHARED_SOURCES)


class Answers:
    """Asks, in a thread of its own, each app for its health until all have answered."""

    def __init__(self, ports: Iterable[int]) -> None:
        self._all = threading.Event()
        self._deadline = time.monotonic() + SLOW
        threading.Thread(target=self._ask, args=(list(ports),), daemon=True).start()

    def all_did(self) -> bool:
        """Whether every app serves; raises if that takes too long."""
        if time.monotonic() > self._deadline:
            raise Failure(f"The apps did not answer within {SLOW:.0f} s; their lines say why.")
        return self._all.is_set()

    def _ask(self, ports: list[int]) -> None:
        for port in ports:
            while not healthy(port):
                time.sleep(0.1)
        self._all.set()


def healthy(port: int) -> bool:
    """Whether the app at ``port`` serves."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    with suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    connection.close()
    return False


def _check_free(ports: Mapping[str, int]) -> None:
    """Say now, and in words, what the apps would stumble over."""
    if ports["user"] == ports["bank"]:
        raise Failure("USER_PORT and BANK_PORT must differ.")
    for app, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise Failure(
                    f"Port {port} is not free ({error.strerror}). Stop what listens there, or"
                    f" set {app.upper()}_PORT to another."
                ) from None


def _welcome(folder: Folder, set_by_user: Mapping[str, str], ports: Mapping[str, int]) -> str:
    urls = {
        app: set_by_user.get(f"{app.upper()}_APP_URL") or f"http://localhost:{port}"
        for app, port in ports.items()
    }
    return WELCOME.format(seconds=time.monotonic() - STARTED, data=folder.home, **urls)
