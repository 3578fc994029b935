"""An end to every request, however slowly its answer comes.

A timeout runs out when nothing comes for a while. Whoever sends a byte now and then keeps it
from that for days, and the worker from all others.
"""

import contextlib
import socket
from threading import Timer
from types import TracebackType
from typing import Any

import requests
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class Deadline:
    """Cuts the connections of ``session`` off after so many seconds; ``over`` says whether."""

    def __init__(self, session: requests.Session, seconds: float) -> None:
        self.over = False
        self._sockets: list[socket.socket] = []
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True
        plain = _pool(HTTPConnectionPool, HTTPConnection, self._sockets)
        secure = _pool(HTTPSConnectionPool, HTTPSConnection, self._sockets)
        for adapter in session.adapters.values():
            manager: Any = getattr(adapter, "poolmanager", None)
            manager.pool_classes_by_scheme = {"http": plain, "https": secure}

    def __enter__(self) -> "Deadline":
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        for each in self._sockets:
            each.close()

    def _cut(self) -> None:
        self.over = True
        for each in self._sockets:
            with contextlib.suppress(OSError):  # it ended by itself
                each.shutdown(socket.SHUT_RDWR)


def _pool(pool: Any, connection: Any, sockets: list[socket.socket]) -> Any:
    """A kind of pool whose connections leave a handle of their own, which TLS does not take."""

    class Watched(connection):
        def _new_conn(self) -> socket.socket:
            made: socket.socket = super()._new_conn()
            sockets.append(made.dup())
            return made

    class Pool(pool):
        ConnectionCls = Watched

    return Pool
