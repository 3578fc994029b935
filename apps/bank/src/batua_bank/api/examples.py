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
    "number": 18_204,
    "at": "2026-01-14T13:20:00.000000+00:00",
}
PAYOUT_TERMS = {
    "amount": 1_200_00,
    "currency": "INR",
    "bank": "SBB",
    "account_number": "018100004471",
    "ifsc": "SBBB0000181",
    "holder": "Asha Rao",
    "reference": "7f0c2f5e-0a3a-4b7e-8a53-6f0f2d1c9b21",
}
PAYOUT = {
    "id": "3a1f3c52-9d0e-4d0c-a2ab-3e5f8a7b6c10",
    "reference": PAYOUT_TERMS["reference"],
    "amount": PAYOUT_TERMS["amount"],
    "currency": "INR",
    "bank": "SBB",
    "status": "pending",
    "failure": None,
}
PAID_OUT = {**PAYOUT, "status": "succeeded"}
PAYOUTS: dict[str, Any] = {"items": [PAID_OUT], "next": None}
REFUND_TERMS = {"amount": 500_00, "reason": "The wallet could not take it."}
REFUND = {
    **REFUND_TERMS,
    "id": "b2c8f0a1-7d44-4f0b-9f57-5f2b0f6f1e33",
    "payment_id": PAYMENT["id"],
    "reference": PAYMENT["reference"],
    "currency": "INR",
    "bank": "SBB",
    "status": "succeeded",
}
REFUNDS: dict[str, Any] = {"items": [REFUND], "next": None}
EVENT: dict[str, Any] = {
    "id": "evt_0f6d0c7a52a94b8f8a4e6f1d2b3c4d5e",
    "type": "payment.succeeded",
    "timestamp": "2026-01-14T13:14:52.118340+00:00",
    "data": PAYMENT,
}
EVENTS: dict[str, Any] = {"items": [EVENT], "next": None}
CHECK = {"account_number": "018100004471", "ifsc": "SBBB0000181", "holder": "asha rao"}
CHECKED = {"matches": True, "holder_masked": "A*** R**"}
ENTRIES: dict[str, Any] = {
    "items": [
        {
            "number": 7,
            "id": "0199c2f4-5d1e-7c0a-b6a5-0d2a4f6b8c1e",
            "reference": PAYMENT["reference"],
            "kind": "payment",
            "amount": 500_00,
            "balance": 12_34_567_50,
            "at": "2026-01-14T13:14:52.113902+00:00",
        }
    ],
    "next": None,
}
SEAL = {
    "book": "wallet",
    "number": 41,
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}
SEALS = {"items": [SEAL]}
SEAL_LIST: dict[str, Any] = {"items": [{**SEAL, "book": "bank"}], "next": None}
