"""The bank, as far as it speaks to us."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from werkzeug.test import TestResponse

from batua_config import webhooks
from batua_config.settings import Settings
from batua_db.database import db
from batua_db.models.clients import Platform
from batua_db.models.outbox import Event
from batua_dev.client import FreshClient


@dataclass
class TheBank:
    """Sends webhooks as the bank does; each of its methods can be told to misbehave."""

    settings: Settings
    client: FreshClient

    def payment(self, topup_id: object, amount: int = 500_00, **other: Any) -> dict[str, Any]:
        """What the bank says about a payment it has captured."""
        return {
            "id": str(uuid4()),
            "session_id": str(uuid4()),
            "reference": str(topup_id),
            "amount": amount,
            "currency": "INR",
            "bank": "SBB",
            "status": "succeeded",
            "captured_at": datetime.now(UTC).isoformat(),
            **other,
        }

    def tell(
        self, data: dict[str, Any], type_: str = "payment.succeeded", message_id: str = ""
    ) -> TestResponse:
        """Send a webhook."""
        body = {"type": type_, "timestamp": datetime.now(UTC).isoformat(), "data": data}
        return self.send(json.dumps(body).encode(), message_id)

    def send(self, body: bytes, message_id: str = "", **headers: str) -> TestResponse:
        """Send raw bytes, signed."""
        signed = webhooks.sign(self.settings.secrets, message_id or f"evt_{uuid4().hex}", body)
        return self.post(body, {**signed, **headers})

    def post(self, body: bytes, headers: dict[str, str]) -> TestResponse:
        """Send raw bytes with these headers."""
        return self.client.post(
            "/webhooks/bank", data=body, headers={"Content-Type": "application/json", **headers}
        )


def letter(event: Event) -> tuple[str, bytes]:
    """The id and the body of the webhook that the bank sends of an event."""
    at = datetime.now(UTC).isoformat()
    said = {"type": event.type, "timestamp": at, "data": event.data}
    return event.id, json.dumps(said).encode()


def platform_at(code: str) -> UUID:
    """Our account at a bank, in the bank's book."""
    query = select(Platform.account_id)
    query = query.where(Platform.client_id == "wallet", Platform.bank_code == code)
    return db.session.execute(query).scalar_one()
