"""Examples of standing consents, as the API takes and gives them."""

from typing import Any

from .examples import PAYMENT, TERMS

CONSENT: dict[str, Any] = {
    "id": "e1c7a4d2-5b0f-4e52-9d1c-2f6a8b7c9d01",
    "reference": TERMS["reference"],
    "status": "active",
    "bank": "SBB",
    "account": "4471",
    "currency": "INR",
    "cap": 10_000_00,
    "left": 9_250_00,
    "created_at": "2026-01-14T13:14:52.113902+00:00",
    "expires_at": "2027-01-14T13:14:52.113902+00:00",
}
CONSENTS: dict[str, Any] = {"items": [CONSENT], "next": None}
REVOKED = {**CONSENT, "status": "revoked", "left": 0}
TAKEN_TERMS = {
    "amount": 750_00,
    "currency": "INR",
    "consent": CONSENT["id"],
    "reference": "9d2f7c1a-3e4b-4c5d-8e6f-7a8b9c0d1e2f",
    "description": "Add money to the wallet of Asha R.",
}
TAKEN: dict[str, Any] = {
    **PAYMENT,
    "reference": TAKEN_TERMS["reference"],
    "amount": TAKEN_TERMS["amount"],
}
