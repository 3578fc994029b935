"""The real bank, served next door, and able to fail as networks and processes do."""

import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Any

from flask import Flask
from werkzeug.serving import make_server
from werkzeug.wsgi import ClosingIterator

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class NextDoor:
    """The bank behind a line that breaks: ``faults`` are used up, a call each.

    ``lost``: the call never reaches it. ``unheard``: it does, and the answer is lost.
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.url = ""
        self.faults: list[str] = []
        self.calls: list[str] = []
        self._under_way = 0
        self._changed = threading.Condition()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Pass a call on, or lose it."""
        self.calls.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "lost":
            return self._broken(start_response)
        self._count(1)
        given = self.app(environ, start_response if not fault else _unheard)
        answer = ClosingIterator(given, lambda: self._count(-1))
        if fault == "unheard":
            b"".join(answer)
            answer.close()
            return self._broken(start_response)
        return answer

    def come_to_rest(self) -> None:
        """Wait until nothing is done any more for calls that were answered."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._under_way, timeout=20)

    def work(self) -> None:
        """Let the bank carry out what it was asked for."""
        from batua_bank.payouts.service import carry_out

        with self.app.app_context():
            carry_out()

    def _count(self, more: int) -> None:
        with self._changed:
            self._under_way += more
            self._changed.notify_all()

    def _broken(self, start_response: StartResponse) -> Iterable[bytes]:
        start_response("502 Bad Gateway", [("Content-Type", "text/plain")])
        return [b"no"]


def _unheard(*_: Any) -> Callable[[bytes], object]:
    return lambda _: None


@contextmanager
def served(door: NextDoor) -> Generator[NextDoor]:
    """Serve the bank on loopback."""
    server = make_server("127.0.0.1", 0, door, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    door.url = f"http://127.0.0.1:{server.server_port}"
    yield door
    server.shutdown()
    thread.join()
    door.come_to_rest()  # the bank writes calls down once it has answered them
