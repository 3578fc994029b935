"""A platform as others would build one: it has a key and calls over HTTP, and knows no Batua."""

import hashlib
import json
from typing import Any
from uuid import uuid4

from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from batua_dev.client import FreshClient


class Platform:
    """Calls the API as ``name``, signed with ``key``."""

    def __init__(self, client: FreshClient, name: str, key: str) -> None:
        self.client, self.name, self.key = client, name, key

    def get(self, path: str) -> TestResponse:
        return self.call("GET", path)

    def post(self, path: str, body: dict[str, Any], key: str = "") -> TestResponse:
        return self.call("POST", path, json.dumps(body).encode(), key or str(uuid4()))

    def call(self, method: str, path: str, body: bytes = b"", key: str = "") -> TestResponse:
        path = f"/api/v1{path}"
        terms = [self.name, method, path, hashlib.sha256(body).hexdigest(), key]
        token = URLSafeTimedSerializer(self.key, salt="batua.bank-api").dumps(terms)
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        kind = "application/json" if body else None
        answer = self.client.open(
            path, method=method, data=body, headers=headers, content_type=kind
        )
        answer.get_data()
        answer.close()
        return answer


def terms(reference: str, origin: str = "https://shop.example") -> dict[str, Any]:
    """Of a payment session."""
    return {
        "amount": 250_00, "currency": "INR", "bank": "SBB", "reference": reference,
        "description": "Order 42", "return_url": f"{origin}/orders/42",
    }  # fmt: skip
