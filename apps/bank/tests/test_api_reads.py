"""What the API tells of sessions, payments, the platform's account and the seals."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from batua_db.database import db
from batua_db.models.bank import PaymentSession, Witness

pytestmark = pytest.mark.usefixtures("banks")


def digest(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def seal(number: int, book: str = "wallet") -> dict[str, Any]:
    return {"book": book, "number": number, "digest": digest(number)}


def test_a_session_is_read_as_it_was_asked_for(api: Any) -> None:
    terms = api.terms()
    opened = api.post("/payment-sessions", terms)
    read = api.get(f"/payment-sessions/{opened.get_json()['id']}").get_json()

    assert read == opened.get_json()
    assert {name: read[name] for name in terms} == terms
    assert read["status"] == "open"
    left = datetime.fromisoformat(read["expires_at"]) - datetime.now(UTC)
    assert timedelta(seconds=290) < left <= timedelta(seconds=300)


def test_time_is_up_before_any_worker_says_so(api: Any, run_out: Any) -> None:
    asked = api.ask()
    run_out(asked["id"])

    assert api.get(f"/payment-sessions/{asked['id']}").get_json()["status"] == "expired"
    assert db.session.get_one(PaymentSession, UUID(asked["id"])).status == "open"


def test_a_payment_is_found_by_reference_and_by_id(
    api: Any, customer: Any, approval: Any, account_of: Any
) -> None:
    asked = api.ask()
    customer().submit(f"{asked['path']}/approve", **approval())
    found = api.get(f"/payments?reference={asked['reference']}").get_json()

    assert found["next"] is None
    (payment,) = found["items"]
    assert payment["captured_at"] <= datetime.now(UTC).isoformat()
    assert {name: payment[name] for name in payment if name not in {"id", "captured_at"}} == {
        "session_id": asked["id"],
        "reference": asked["reference"],
        "amount": 500_00,
        "currency": "INR",
        "bank": "SBB",
        "status": "succeeded",
    }
    assert api.get(f"/payments/{payment['id']}").get_json() == payment
    assert api.get(f"/payment-sessions/{asked['id']}").get_json()["status"] == "succeeded"


def test_no_payment_is_an_empty_list(api: Any) -> None:
    assert api.get("/payments?reference=nothing").get_json() == {"items": [], "next": None}


def test_the_settlement_counts_what_was_just_captured(
    api: Any, customer: Any, approval: Any
) -> None:
    customer().submit(f"{api.ask(amount=123_45)['path']}/approve", **approval())
    settlement = api.get("/settlement?bank=SBB").get_json()

    assert (settlement["bank"], settlement["balance"], settlement["currency"]) == (
        "SBB",
        123_45,
        "INR",
    )
    nothing = api.get("/settlement?bank=CCB").get_json()
    assert (nothing["balance"], nothing["number"]) == (0, 0)


def test_the_settlement_is_the_balance_after_the_last_line(
    api: Any, customer: Any, approval: Any
) -> None:
    for amount in (123_45, 67_00):
        customer().submit(f"{api.ask(amount=amount)['path']}/approve", **approval())
    settlement = api.get("/settlement?bank=SBB").get_json()

    *_, last = api.get("/settlement/entries?bank=SBB").get_json()["items"]

    assert settlement["number"] == last["number"] == 2
    assert settlement["balance"] == last["balance"] == 190_45


def test_another_client_sees_nothing(api: Any, other_client: str) -> None:
    asked = api.ask()
    db.session.get_one(PaymentSession, UUID(asked["id"])).client = other_client
    db.session.commit()

    assert api.get(f"/payment-sessions/{asked['id']}").status_code == 404


def test_digests_of_the_wallet_are_kept_once(api: Any) -> None:
    first = api.post("/seals", {"items": [seal(1), seal(2)]})
    again = api.post("/seals", {"items": [seal(2), seal(3)]})

    assert (first.status_code, again.status_code) == (201, 201)
    kept = db.session.query(Witness).order_by(Witness.number).all()
    assert [(each.book, each.number, each.digest.hex()) for each in kept] == [
        ("wallet", number, digest(number)) for number in (1, 2, 3)
    ]


def test_a_digest_is_never_replaced(api: Any, capfd: pytest.CaptureFixture[str]) -> None:
    api.post("/seals", {"items": [seal(1)]})
    answer = api.post("/seals", {"items": [seal(2), {**seal(1), "digest": digest(9)}]})

    assert answer.status_code == 409
    assert answer.get_json()["error"]["code"] == "seal_differs"
    assert "a seal differs from what was kept" in capfd.readouterr().out
    assert [each.digest.hex() for each in db.session.query(Witness)] == [digest(1)]


@pytest.mark.parametrize(
    ("items", "status"),
    [
        ([], 422),
        ([seal(1, "bank")], 422),
        ([seal(1, "other")], 422),
        ([seal(0)], 422),
        ([{**seal(1), "number": True}], 422),
        ([{**seal(1), "number": 2**40}], 422),
        ([{**seal(1), "digest": "ab"}], 422),
        ([{**seal(1), "digest": digest(1).upper()}], 422),
        ([{**seal(1), "extra": 1}], 422),
        ("x", 422),
        ([seal(1)] * 201, 422),
        ([seal(1), seal(1)], 201),
    ],
)
def test_what_a_digest_looks_like(api: Any, items: Any, status: int) -> None:
    answer = api.post("/seals", {"items": items})

    assert answer.status_code == status
    if status == 422:
        assert answer.get_json()["error"]["field"]
