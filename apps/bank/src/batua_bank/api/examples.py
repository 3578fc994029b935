"""An example of each thing that the API takes or gives."""

from typing import Any

BANK = {"code": "SBB", "name": "State Bank of Batua", "ifsc_prefix": "SBBB"}
BANKS: dict[str, Any] = {"items": [BANK], "next": None}

TERMS = {
    "amount": 500_00,
    "currency": "INR",
    "bank": "SBB",
    "reference": "0b0e5c1e-6f0a-4a8e-9a55-3b1f4c7d2e10",
    "description": "Add money to the wallet of Asha R.",
    "return_url": "https://batua.example/add-money/0b0e5c1e-6f0a-4a8e-9a55-3b1f4c7d2e10",
}
SESSION = {
    **TERMS,
    "id": "5d5c4a0f-8f7e-4c07-8f57-0c9f5b1f9f11",
    "url": "https://bank.example/pay/pEMaR2VSv0Tpb5aBlJmEXAMPLEdO2iTfVqNv0QW1jXw",
    "status": "open",
    "expires_at": "2026-01-14T13:16:12.480512+00:00",
}
PAYMENT = {
    "id": "c1b5d7a2-2d5e-4b0c-8c3e-6a3d1f0b9e42",
    "session_id": SESSION["id"],
    "reference": TERMS["reference"],
    "amount": TERMS["amount"],
    "currency": "INR",
    "bank": "SBB",
    "status": "succeeded",
    "captured_at": "2026-01-14T13:14:52.113902+00:00",
}
PAYMENTS: dict[str, Any] = {"items": [PAYMENT], "next": None}
SETTLEMENT = {
    "bank": "SBB",
    "currency": "INR",
    "balance": 12_34_567_50,
    "at": "2026-01-14T13:20:00.000000+00:00",
}
SEAL = {
    "book": "wallet",
    "number": 41,
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}
SEALS = {"items": [SEAL]}
SEAL_LIST: dict[str, Any] = {"items": [{**SEAL, "book": "bank"}], "next": None}
