"""A shop that lets its customers pay by the bank: what somebody else would write in an hour.

It knows an address, a name and a key, and imports nothing of this house.
"""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import requests
from itsdangerous import URLSafeTimedSerializer
from standardwebhooks.webhooks import Webhook, WebhookVerificationError


class Shop(ThreadingHTTPServer):
    """Calls the bank's API, takes its webhooks at ``/hooks``, and has a page to come back to."""

    daemon_threads = True

    def __init__(self, bank: str, name: str) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.bank, self.name, self.key = bank, name, ""
        self.paid: list[str] = []  # the orders that a webhook told of
        self.refuse = 0  # so many webhooks are answered with 500 first
        self.origin = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def ask(self, order: str, amount: int) -> dict[str, Any]:
        """Open a payment session for an order."""
        terms = {
            "amount": amount, "currency": "INR", "bank": "SBB", "reference": order,
            "description": f"Order {order}", "return_url": f"{self.origin}/thanks",
        }  # fmt: skip
        return self._call("POST", "/payment-sessions", terms, key=order)

    def _call(self, method: str, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        path, content = f"/api/v1{path}", json.dumps(body).encode()
        signed = [self.name, method, path, hashlib.sha256(content).hexdigest(), key]
        token = URLSafeTimedSerializer(self.key, salt="batua.bank-api").dumps(signed)
        headers = {
            "Authorization": f"Bearer {token}", "Idempotency-Key": key,
            "Content-Type": "application/json",
        }  # fmt: skip
        answer = requests.request(
            method, self.bank + path, data=content, headers=headers, timeout=10
        )
        answer.raise_for_status()
        return answer.json()


class Page(BaseHTTPRequestHandler):
    """What the shop answers."""

    def do_GET(self) -> None:
        self._answer(200, b"<!doctype html><title>Shop</title><h1>Thank you</h1>")

    def do_POST(self) -> None:
        shop = cast(Shop, self.server)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if shop.refuse:
            shop.refuse -= 1
            return self._answer(500, b"The shop is being painted")
        try:
            headers = {name.lower(): value for name, value in self.headers.items()}
            event: Any = Webhook(shop.key).verify(body, headers)
        except WebhookVerificationError:
            return self._answer(401, b"")
        shop.paid.append(event["data"]["reference"])
        return self._answer(204, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""
