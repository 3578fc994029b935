"""Requests as bytes, sent one after the other on a few connections: a client that costs little."""

import re
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import BinaryIO

import requests


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in, and was shown a form."""

    port: int
    cookie: str
    token: str

    @classmethod
    def arriving(cls, port: int, cookie: str) -> "Visitor":
        """Open a page with a form, whose token the cookie then goes with."""
        headers = {"Cookie": f"batua_user={cookie}"}
        page = requests.get(f"http://127.0.0.1:{port}/settings/pin", headers=headers, timeout=60)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        if found is None:
            raise LookupError(page.text)
        return cls(port, page.cookies.get("batua_user") or cookie, found[1])

    def get(self, path: str) -> bytes:
        """A page."""
        return f"GET {path} HTTP/1.1\r\n{self._headers()}\r\n".encode()

    def post(self, path: str, **fields: str) -> bytes:
        """A form."""
        body = "&".join(f"{k}={v}" for k, v in {"csrf_token": self.token, **fields}.items())
        kind = "Content-Type: application/x-www-form-urlencoded\r\n"
        length = f"Content-Length: {len(body)}\r\n"
        return f"POST {path} HTTP/1.1\r\n{self._headers()}{kind}{length}\r\n{body}".encode()

    def _headers(self) -> str:
        return f"Host: 127.0.0.1:{self.port}\r\nCookie: batua_user={self.cookie}\r\n"


def send_all(port: int, calls: Sequence[bytes], clients: int, wanted: bytes) -> int:
    """Make the calls from so many connections at once; each must be answered as ``wanted``."""
    shares = [calls[n::clients] for n in range(clients)]
    with ThreadPoolExecutor(clients) as pool:
        return sum(pool.map(lambda share: _send(port, share, wanted), shares))


def _send(port: int, calls: Sequence[bytes], wanted: bytes) -> int:
    with socket.create_connection(("127.0.0.1", port)) as server, server.makefile("rb") as said:
        for call in calls:
            while not _answered(server, said, call, wanted):
                pass  # too busy to look at the PIN in time: a browser would come back, too
    return len(calls)


def _answered(server: socket.socket, said: BinaryIO, call: bytes, wanted: bytes) -> bool:
    server.sendall(call)
    head = b"".join(iter(said.readline, b"\r\n"))
    length = re.search(rb"(?i)content-length: (\d+)", head)
    body = said.read(int(length[1]) if length else 0)
    if head.startswith(b"HTTP/1.1 503"):
        return False
    if not re.match(wanted, head, re.DOTALL):
        raise AssertionError((head + body[:2000]).decode(errors="replace"))
    return True
