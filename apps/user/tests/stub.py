"""A server that stands where the bank would, to fail as a bank can."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any
from uuid import uuid4


@dataclass
class Stub:
    """A server that stands where the bank would, to fail as a bank can."""

    url: str
    answer: Callable[[BaseHTTPRequestHandler], None]
    asked: list[tuple[str, str, bytes, dict[str, str]]] = field(default_factory=list)

    def says(self, status: int, body: Any, **headers: str) -> None:
        """Answer everything alike: JSON, or these very bytes."""
        self.answer = lambda handler: answer(handler, status, body, **headers)

    def refuses(self, status: int, message: str = "No.") -> None:
        """Refuse everything, as our API does."""
        self.says(status, {"error": {"code": "no", "message": message, "field": None}})

    def opens(self, **other: Any) -> None:
        """Open a session for whatever is asked."""
        self.says(201, session_at_bank(**other))

    def knows(self, status: str, payments: list[dict[str, Any]] | None = None) -> None:
        """Know a session of this status, and these payments."""

        def know(handler: BaseHTTPRequestHandler) -> None:
            if "/payments" in handler.path:
                answer(handler, 200, {"items": payments or [], "next": None})
            else:
                answer(handler, 200, session_at_bank(status=status))

        self.answer = know


def session_at_bank(**other: Any) -> dict[str, Any]:
    """What the bank answers when it has opened a session."""
    return {
        "id": str(uuid4()),
        "status": "open",
        "url": "http://localhost:3002/pay/a-token",
        "expires_at": (datetime.now(UTC) + timedelta(minutes=5)).isoformat(),
        **other,
    }


def answer(handler: BaseHTTPRequestHandler, status: int, body: Any, **headers: str) -> None:
    """Answer with JSON, or with these very bytes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(content)))
    handler.send_header("Set-Cookie", "track=1; Path=/")
    handler.end_headers()
    handler.wfile.write(content)
