"""The calls of a client are kept for those who build it, without what they say of people."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from batua_bank import pruning
from batua_bank.clients import calls, masking
from batua_db.database import db, transaction
from batua_db.errors import NotFound
from batua_db.models.clients import Call

pytestmark = pytest.mark.usefixtures("session")
PAYOUT = {
    "amount": 100, "currency": "INR", "bank": "SBB", "account_number": "018100004471",
    "ifsc": "SBBB0000181", "holder": "Asha Rao", "reference": "r-1",
}  # fmt: skip


@pytest.fixture(autouse=True)
def demo(banks: None) -> None:
    """The demo banks."""


def kept(answer: Any) -> Call:
    """What was kept of a call whose answer is on its way."""
    answer.close()
    db.session.expire_all()
    return db.session.scalars(select(Call).where(Call.id == answer.headers["X-Request-ID"])).one()


def test_a_call_is_kept_with_its_answer_once_that_is_sent(api: Any) -> None:
    answer = api.get("/payments?reference=none")
    assert db.session.scalars(select(Call)).all() == []
    call = kept(answer)

    assert (call.client_id, call.method, call.status, call.key) == ("wallet", "GET", 200, "")
    assert call.path == "/api/v1/payments?reference=none"
    assert json.loads(call.answered) == {"items": [], "next": None}
    assert (call.sent, call.milliseconds >= 0) == ("", True)


def test_a_write_is_kept_with_its_key_and_a_repeat_as_a_call_of_its_own(api: Any) -> None:
    terms, key = api.terms(), str(uuid4())
    first = kept(api.post("/payment-sessions", terms, key=key))
    second = kept(api.post("/payment-sessions", terms, key=key))

    assert first.key == second.key == key
    assert json.loads(first.sent) == terms
    assert first.id != second.id


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b'{"amount": "x"}', 422), (b"[1]", 400)]
)
def test_what_was_refused_is_kept_too(api: Any, body: bytes, status: int) -> None:
    call = kept(api.post("/payment-sessions", body))

    assert call.status == status
    assert json.loads(call.answered)["error"]["message"]


def test_people_are_not_in_it(api: Any) -> None:
    paid = kept(api.post("/payouts", PAYOUT))
    checked = kept(api.post("/account-checks", {n: PAYOUT[n] for n in masking.HIDDEN if n in PAYOUT}
                            | {"ifsc": PAYOUT["ifsc"]}))  # fmt: skip
    asked = kept(api.post("/payment-sessions", api.terms()))

    everything = "".join(c.path + c.sent + c.answered for c in (paid, checked, asked))
    for secret in ("018100004471", "Asha Rao", "A*** R**"):
        assert secret not in everything
    assert json.loads(paid.sent)["account_number"] == "••••4471"
    assert json.loads(checked.answered) == {"matches": True, "holder_masked": "A••• R•••"}
    assert json.loads(asked.answered)["url"].endswith("/pay/•••")


def test_what_is_no_json_is_not_kept_as_it_came() -> None:
    assert masking.body(b'{"account_number": "018100004471",') == (
        "34 bytes that are not JSON: Expecting property name enclosed in double quotes: "
        "line 1 column 35 (char 34)"
    )
    assert masking.body(b"\xff\xfe") == "2 bytes that are not JSON: it can’t be read"
    assert masking.body(b"") == ""
    assert "018100004471" not in masking.body(b'[{"to": {"account_number": 18100004471}}]')
    assert "\0" not in masking.body(b'{"a": "\\u0000"}')


def test_a_long_body_is_cut() -> None:
    said = masking.body(json.dumps({"a": "x" * 60_000}).encode())

    assert len(said) < masking.LONGEST + 20
    assert said.endswith("more")


def test_a_stranger_is_not_kept(api: Any) -> None:
    answer = api.get("/banks", token="nonsense")
    answer.close()

    assert answer.status_code == 401
    assert db.session.scalars(select(Call)).all() == []


def test_the_same_request_id_fails_nothing(api: Any) -> None:
    for _ in range(2):
        answer = api.get("/banks", **{"X-Request-ID": "chosen-by-them"})
        assert answer.status_code == 200
        answer.close()

    assert db.session.scalars(select(func.count()).select_from(Call)).one() == 1


def test_a_log_that_fails_fails_no_call(
    api: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(calls, "KEEP", text("SELECT 1 / 0"))
    answer = api.post("/payment-sessions", api.terms())
    answer.close()

    assert answer.status_code == 201
    assert "a call was not kept" in capfd.readouterr().out


def test_calls_are_found_by_how_they_ended_and_where_they_went(api: Any) -> None:
    for path in ("/banks", "/payments?reference=a", "/payments/nothing", "/payouts?reference=b"):
        api.get(path).close()

    def paths(**asked: str) -> list[str]:
        found = calls.page("wallet", calls.Asked(**asked)).calls
        return [call.path.removeprefix("/api/v1") for call in found]

    assert paths() == ["/payouts?reference=b", "/payments?reference=a", "/banks"]
    assert paths(path="payments") == ["/payments?reference=a"]
    assert paths(path="%") == paths(outcome="failed") == []
    first = calls.page("wallet", calls.Asked(), most=2)
    rest = calls.page("wallet", calls.Asked(after=first.older or ""), most=2)
    assert ([len(first.calls), len(rest.calls)], rest.older) == ([2, 1], None)


def test_nobody_else_sees_them(api: Any, other_client: str) -> None:
    call = kept(api.get("/banks"))

    assert calls.page(other_client, calls.Asked()).calls == []
    with pytest.raises(NotFound):
        calls.find(other_client, call.id)
    assert calls.find("wallet", call.id)


def test_after_a_week_they_are_forgotten(api: Any, bank_app: Flask) -> None:
    old, young = kept(api.get("/banks")), kept(api.get("/banks"))
    values = {"id": "older", "created_at": old.created_at - timedelta(days=7, seconds=1)}
    with transaction():
        fields = ("client_id", "method", "path", "key", "sent", "status", "answered")
        same = {name: getattr(old, name) for name in (*fields, "milliseconds")}
        db.session.add(Call(**same, **values))

    assert (pruning.prune(), pruning.prune()) == (1, 0)
    assert set(db.session.scalars(select(Call.id))) == {old.id, young.id}
    with pytest.raises(Exception, match="permission denied"), db.session.begin_nested():
        db.session.execute(update(Call).values(sent="another"))
