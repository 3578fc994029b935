"""Standing consents: given with a payment, used up to a cap, and ended at any time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from batua_bank import demo
from batua_bank.consents import service
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.bank import Customer, Payment, PaymentSession
from batua_db.models.netbanking import Consent
from batua_db.models.outbox import Event
from batua_db.money import Money
from batua_ui.filters import INDIA

pytestmark = pytest.mark.usefixtures("banks")

Give = Callable[..., dict[str, Any]]
CAP = 2_000_00


@pytest.fixture
def give(api: Any, customer: Any, approval: Any) -> Give:
    """``give()``: a consent that Asha gave with a payment of ₹500, as the API tells it."""

    def approve(cap: str = "2,000", **changes: Any) -> dict[str, Any]:
        asked = api.ask(consent={"cap": CAP}, **changes)
        form = approval(consent="y", cap=cap)
        answer = customer().submit(f"{asked['path']}/approve", **form)
        assert answer.status_code == 303, answer.text
        return api.get(f"/consents?reference={asked['reference']}").get_json()["items"][0]

    return approve


@pytest.fixture
def take(api: Any) -> Callable[..., Any]:
    """``take(consent, 750_00)``: call for a payment by it."""

    def call(by: dict[str, Any], amount: int = 750_00, **changes: Any) -> Any:
        key = changes.pop("key", None)
        terms = {
            "amount": amount,
            "currency": "INR",
            "consent": by["id"],
            "reference": str(uuid4()),
            "description": "Add money to the wallet of Asha R.",
        }
        return api.post("/payments", terms | changes, key=key)

    return call


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]["code"]


def nothing_taken(account: UUID, but: int = 500_00) -> None:
    assert ledger.balance(account) == demo.FUNDS - Money(but)


def asha() -> Customer:
    return db.session.scalars(select(Customer).where(Customer.number == "10000001")).one()


def test_a_customer_gives_a_consent_with_a_cap_of_their_own(give: Give) -> None:
    consent = give("1,500.50")

    assert consent["status"] == "active"
    assert (consent["cap"], consent["left"]) == (1_500_50, 1_500_50)
    assert (consent["bank"], consent["account"]) == ("SBB", "4471")
    life = datetime.fromisoformat(consent["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=364) < life <= timedelta(days=365)


def test_nothing_is_given_that_is_not_ticked(api: Any, customer: Any, approval: Any) -> None:
    asked, browser = api.ask(consent={"cap": CAP}), customer()
    page = browser.get(f"{asked['path']}/approve").text
    answer = browser.submit(f"{asked['path']}/approve", **approval(cap="nonsense"))

    assert "without asking me again" in page
    assert "checked" not in page.split('name="consent"')[1].split(">")[0]
    assert answer.status_code == 303
    found = api.get(f"/consents?reference={asked['reference']}").get_json()
    assert found == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("cap", "said"),
    [("2,000.01", "at most ₹2,000.00"), ("0", "above zero"), ("", "amount"), ("-5", "amount")],
)
def test_a_cap_must_be_within_what_was_asked(
    api: Any, customer: Any, approval: Any, account_of: Any, cap: str, said: str
) -> None:
    asked = api.ask(consent={"cap": CAP})
    form = approval(consent="y", cap=cap)
    answer = customer().submit(f"{asked['path']}/approve", **form)

    assert answer.status_code == 422
    assert said in answer.text.lower()
    nothing_taken(account_of(), 0)
    assert db.session.query(Consent).count() == 0


def test_a_session_that_asks_for_none_takes_none(
    api: Any, customer: Any, approval: Any, csrf: Any, account_of: Any
) -> None:
    asked, browser = api.ask(), customer()
    page = browser.get(f"{asked['path']}/approve").text
    form = approval(consent="y", cap="100") | {"csrf_token": csrf(page)}
    answer = browser.post(f"{asked['path']}/approve", data=form)

    assert 'name="consent"' not in page
    assert answer.status_code == 422
    nothing_taken(account_of(), 0)


def test_declining_gives_nothing(api: Any, customer: Any, approval: Any) -> None:
    asked = api.ask(consent={"cap": CAP})
    form = approval(action="decline", consent="y", cap="100")
    answer = customer().submit(f"{asked['path']}/approve", **form)

    assert answer.status_code == 303
    assert db.session.query(Consent).count() == 0


def test_a_payment_by_consent_is_like_any_other(
    api: Any, give: Give, take: Any, account_of: Any, platform: Any
) -> None:
    consent = give()
    answer = take(consent)
    payment = answer.get_json()

    assert answer.status_code == 201
    nothing_taken(account_of(), 1_250_00)
    assert ledger.balance(platform()) == Money(1_250_00)
    assert payment == api.get(f"/payments/{payment['id']}").get_json()
    assert api.get(f"/payments?reference={payment['reference']}").get_json()["items"] == [payment]
    told = [event.data for event in db.session.query(Event) if event.type == "payment.succeeded"]
    assert payment in told
    assert api.get(f"/consents/{consent['id']}").get_json()["left"] == CAP - 750_00
    session = api.get(f"/payment-sessions/{payment['session_id']}").get_json()
    assert session["status"] == "succeeded"
    back = api.post(f"/payments/{payment['id']}/refunds", {"amount": 750_00, "reason": "No."})
    assert back.status_code == 201
    nothing_taken(account_of())


def test_the_same_key_is_the_same_payment(give: Give, take: Any, account_of: Any) -> None:
    consent = give()
    terms = {"key": "once", "reference": "R-1"}
    first, again = take(consent, **terms), take(consent, **terms)

    assert again.headers["Idempotent-Replay"] == "true"
    assert again.get_json() == first.get_json()
    assert code_of(take(consent, 1_00, **terms)) == (409, "idempotency_mismatch")
    assert code_of(take(consent, reference="R-1")) == (409, "reference_used")
    nothing_taken(account_of(), 1_250_00)


def test_a_reference_is_one_sessions_or_one_payments(api: Any, give: Give, take: Any) -> None:
    consent, asked = give(), api.ask()
    taken = take(consent, reference="R-2")
    session = api.post("/payment-sessions", api.terms(reference="R-2"))

    assert taken.status_code == 201
    assert code_of(take(consent, reference=asked["reference"])) == (409, "reference_used")
    assert code_of(session) == (409, "reference_used")


def test_more_than_the_cap_is_refused(give: Give, take: Any, account_of: Any) -> None:
    consent = give()
    assert take(consent, CAP).status_code == 201
    refused = take(consent, 1)

    assert code_of(refused) == (422, "over_the_cap")
    assert "allows ₹0.00 more" in refused.get_json()["error"]["message"]
    nothing_taken(account_of(), 500_00 + CAP)


@pytest.mark.parametrize(("before", "left"), [(0, 0), (1, CAP)])
def test_the_cap_is_of_a_calendar_month_in_india(
    api: Any, give: Give, account_of: Any, before: int, left: int
) -> None:
    """What was taken at its first instant counts, and what was a moment before does not."""
    consent, asked = give(), api.ask()
    first = datetime.now(INDIA).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    with transaction():
        db.session.add(
            Payment(
                client="wallet",
                session_id=UUID(asked["id"]),
                bank_code="SBB",
                account_id=account_of(),
                reference=asked["reference"],
                amount=Money(CAP),
                transfer_id=uuid4(),
                captured_at=first - timedelta(microseconds=before),
                consent_id=UUID(consent["id"]),
            )
        )

    assert api.get(f"/consents/{consent['id']}").get_json()["left"] == left


def test_a_revoked_consent_takes_nothing(api: Any, give: Give, take: Any, account_of: Any) -> None:
    consent = give()
    service.revoke(asha(), UUID(consent["id"]))
    service.revoke(asha(), UUID(consent["id"]))

    assert code_of(take(consent)) == (422, "consent_revoked")
    told = api.get(f"/consents/{consent['id']}").get_json()
    assert (told["status"], told["left"]) == ("revoked", 0)
    nothing_taken(account_of())


def test_a_consent_ends_after_its_year(api: Any, give: Give, take: Any) -> None:
    consent = give()
    with transaction():
        row = db.session.get_one(Consent, UUID(consent["id"]))
        row.expires_at = row.created_at

    assert code_of(take(consent)) == (422, "consent_expired")
    assert api.get(f"/consents/{consent['id']}").get_json()["status"] == "expired"


def test_what_the_account_does_not_have_is_not_told(give: Give, take: Any, account_of: Any) -> None:
    consent = give()
    with transaction():
        ledger.move(
            demo.FUNDS - Money(500_00) - Money(7_31), debit=account_of(),
            credit=account_of("10000002"), kind="payment", key="t:all",
        )  # fmt: skip
    answer = take(consent)

    assert code_of(answer) == (422, "insufficient_funds")
    assert "₹" not in answer.text


def test_a_frozen_account_gives_nothing(give: Give, take: Any, account_of: Any) -> None:
    consent = give()
    with transaction():
        ledger.set_status(account_of(), "frozen")

    assert code_of(take(consent)) == (422, "account_frozen")


def test_a_refusal_writes_nothing(give: Give, take: Any) -> None:
    consent = give()
    before = db.session.query(PaymentSession).count()
    refused, later = take(consent, CAP + 1, reference="R-3"), take(consent, 1, reference="R-3")

    assert refused.status_code == 422
    assert later.status_code == 201
    assert db.session.query(PaymentSession).count() == before + 1


def test_the_platform_may_give_a_consent_up(api: Any, give: Give, take: Any) -> None:
    consent = give()
    ended = api.post(f"/consents/{consent['id']}/revoke", {})

    assert ended.status_code == 200
    assert ended.get_json()["status"] == "revoked"
    assert code_of(take(consent)) == (422, "consent_revoked")


def test_consents_of_another_platform_are_not_there(
    api: Any, give: Give, take: Any, other_client: str
) -> None:
    consent = give()
    with transaction():
        db.session.get_one(Consent, UUID(consent["id"])).client = other_client

    missing = "00000000-0000-4000-8000-000000000000"
    for known in (consent["id"], missing):
        answers = [
            take({"id": known}),
            api.get(f"/consents/{known}"),
            api.post(f"/consents/{known}/revoke", {}),
        ]
        assert {code_of(answer) for answer in answers} == {(404, "not_found")}
    listed = api.get(f"/consents?reference={consent['reference']}").get_json()
    assert listed["items"] == []
    assert db.session.get_one(Consent, UUID(consent["id"])).status == "active"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"consent": "x"}, "invalid_consent"),
        ({"consent": None}, "invalid_consent"),
        ({"amount": 0}, "invalid_amount"),
        ({"amount": True}, "invalid_amount"),
        ({"cap": 1}, "unknown_field"),
        ({"description": "x" * 141}, "invalid_description"),
    ],
)
def test_what_can_not_be_read_is_named(
    give: Give, take: Any, changes: dict[str, Any], code: str
) -> None:
    assert code_of(take(give(), **changes)) == (422, code)


@pytest.mark.parametrize("consent", [{"cap": 0}, {"cap": "5"}, {}, None, 5], ids=str)
def test_a_session_asks_for_a_cap_that_can_be_read(api: Any, consent: Any) -> None:
    answer = api.post("/payment-sessions", api.terms(consent=consent))

    assert code_of(answer) == (422, "invalid_consent")
